// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.align.EditAlignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** The cross-tokenizer baselines against the reference numbers: f32 to 1e-5, f64 to 1e-9. */
class CrossVectorsTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("cross-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    /** Rows that are their own logits: heads are the identity. */
    private static CrossStep step(Engine engine, DataType type, CrossWords words) {
        return new CrossStep(
                engine,
                type,
                words,
                identity(words.student().size()),
                identity(words.teacher().size()));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void uld_hasTheReferenceSumAndMean(DataType type) {
        KdVector vector = KdVector.of("uld_dskd");
        CrossWords words =
                new CrossWords(List.of("a", "b", "c", "d"), List.of("a", "b", "c", "d", "e", CrossWords.END), 4, 6);
        CrossReply reply = new CrossReply(
                new int[] {0, 1, 2},
                rows(vector.in("student_logits")),
                new int[] {0, 1, 2, 5},
                rows(vector.in("teacher_logits")),
                false);
        thread.call(engine -> {
            try (CrossStep step = step(engine, type, words)) {
                Terms positional = run(step, reply, "objective", "uld", "uld_alignment", "positional");
                Terms text = run(step, reply, "objective", "uld", "uld_weight", 1);

                near(positional.terms().get("uld").numerator(), vector.out("sum"), type);
                near(positional.value("uld"), KdVector.of("uld_original").out("mean"), type);
                near(positional.loss(), KdVector.of("uld_original").out("times_1_5"), type);
                near(text.terms().get("uld").numerator(), vector.out("sum"), type);
            }
            return 0;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void uldRows_haveTheReferenceDistances(DataType type) {
        KdVector vector = KdVector.of("uld_dskd");
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Script script = Script.load(engine, UldTerm.class, "sorted_distance.py")) {
                for (int i = 0; i < 3; i++) {
                    Tensor student = KdVector.rows(
                            scope, type, vector.in("student_logits").get(i));
                    Tensor teacher = KdVector.rows(
                            scope, type, vector.in("teacher_logits").get(i));
                    double value = script.callAll(scope, "uld", student, teacher, 1.0)
                            .get(0)
                            .item();
                    near(value, vector.out("per_position").get(i), type);
                }
            }
            return 0;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void goldGroups_haveTheReferenceMergeAndDistances(DataType type) {
        KdVector vector = KdVector.of("gold_uld_hybrid");
        JsonNode expected = vector.out("bayesian");
        thread.call(engine -> {
            try (GoldScript script = new GoldScript(engine, type, vector)) {
                near(script.merged("student_logits"), expected.get("student_merged"), type);
                near(script.merged("teacher_logits"), expected.get("teacher_merged"), type);
                near(script.distance(0, false), expected.get("sorted_l1_per_group_mean"), type);
                near(script.distance(1, true), expected.get("matched_jsd"), type);
                near(script.distance(0, true), expected.get("unmatched_l1"), type);
                near(script.distance(0.5, true), expected.get("hybrid"), type);
            }
            return 0;
        });
    }

    /** The vector's groups cover no text, so its script is called without alignment. */
    private static final class GoldScript implements AutoCloseable {
        private final Scope scope;
        private final Script script;
        private final DataType type;
        private final KdVector vector;
        private final List<RealisedGroup> groups = new ArrayList<>();

        GoldScript(Engine engine, DataType type, KdVector vector) {
            this.scope = engine.scope().child();
            this.script = Script.load(engine, GoldGroupsTerm.class, "sorted_distance.py", "merged_groups.py");
            this.type = type;
            this.vector = vector;
            for (int g = 0; g < vector.in("student_groups").size(); g++) {
                int[] teacher = KdVector.ints(vector.in("teacher_groups").get(g));
                int[] student = KdVector.ints(vector.in("student_groups").get(g));
                groups.add(new RealisedGroup(
                        TokenIds.of(teacher),
                        ids("teacher_token_ids", teacher),
                        TokenIds.of(student),
                        ids("student_token_ids", student),
                        FirstTokens.PLAIN));
            }
        }

        private TokenIds ids(String name, int[] rows) {
            int[] all = KdVector.ints(vector.in(name));
            return TokenIds.of(IntStream.of(rows).map(i -> all[i]).toArray());
        }

        private List<Tensor> side(String name, Tensor rows) {
            return (name.startsWith("student") ? GroupSide.student(groups) : GroupSide.teacher(groups))
                    .tensors(scope, rows);
        }

        private List<Tensor> side(String name) {
            return side(name, KdVector.rows(scope, type, vector.in(name)));
        }

        double[] merged(String name) {
            double[][] logits = rows(vector.in(name));
            double[] probs = Arrays.stream(logits)
                    .flatMapToDouble(row -> Arrays.stream(PlainMaths.softmax(row)))
                    .toArray();
            Tensor rows = KdVector.tensor(scope, type, probs, logits.length, logits[0].length);
            return script.call(scope, "merged", side(name, rows)).doubles();
        }

        /** A, B and C are matched: the student's 0, 1, 2 and the teacher's 2, 0, 4. */
        double distance(double matched, boolean isHybrid) {
            List<Tensor> columns = List.of(
                    scope.ints(new int[] {0, 1, 2}, 3),
                    scope.ints(new int[] {2, 0, 4}, 3),
                    scope.ints(new int[] {3}, 1),
                    scope.ints(new int[] {1, 3, 5}, 3));
            List<Tensor> found = script.callAll(
                    scope,
                    "gold_groups",
                    side("student_logits"),
                    side("teacher_logits"),
                    columns,
                    1.0,
                    0.5,
                    matched,
                    1 - matched,
                    isHybrid,
                    1.0);
            return found.get(0).item() / groups.size();
        }

        @Override
        public void close() {
            scope.close();
            script.close();
        }
    }

    /** Its pairs 0:0, 3:2 and 4:3, and a group, from the texts "x yz v w" and "x y z v w". */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void simpleCtkd_hasTheReferenceLoss(DataType type) {
        KdVector model = KdVector.of("dskd2_eta_loss");
        KdVector vector = KdVector.of("simple_ctkd");
        CrossWords words =
                new CrossWords(List.of("w", "x", "yz", "v", "k"), List.of("y", "z", "x", "v", "w", "m"), 3, 4);
        CrossReply reply = new CrossReply(
                KdVector.ints(model.in("student_labels")),
                rows(model.in("student_hidden")),
                new int[] {2, 0, 1, 3, 4},
                rows(model.in("teacher_hidden")),
                false);
        thread.call(engine -> {
            try (CrossStep step = new CrossStep(
                    engine, type, words, rows(model.in("head_student")), rows(model.in("head_teacher")))) {
                Terms terms = run(step, reply, "objective", "simple-ctkd");

                double pairs =
                        Arrays.stream(KdVector.numbers(vector.out("per_pair"))).sum();
                near(new double[] {terms.terms().get("shared_kd").numerator()}, new double[] {pairs}, type);
                near(terms.loss(), vector.out("loss"), type);
            }
            return 0;
        });
    }

    /** Two of the teacher's tokens stand for the student's first: the one with the lower id counts. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void minedRows_haveTheReferenceTargets(DataType type) {
        KdVector vector = KdVector.of("mined_logit_mapping");
        CrossWords words =
                new CrossWords(List.of("p", "q", "r", "t", "u", CrossWords.END), List.of("r", "p", "q", "p"), 1, 1);
        Vocabulary teacher = words.teacherVocabulary();
        Vocabulary student = words.studentVocabulary();
        VocabularyMap map = VocabularyMap.between(teacher, student);
        assertThat(map.studentIds(4)).isEqualTo(KdVector.ints(vector.in("teacher_to_student_id")));
        int[] found = new EditAlignment(teacher, student, map).teacherRows(new int[] {1, 2, 0}, new int[] {0, 3, 4});
        assertThat(found).containsExactly(0, 1, -1);
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Script script = Script.load(engine, MinedTerm.class, "columns.py")) {
                Tensor logits =
                        KdVector.rows(scope, type, vector.in("teacher_logits").get(0));
                TokenIds own = map.overlapStudent();
                TokenIds other = map.overlapTeacher();

                Tensor mapped = script.call(
                        scope,
                        "mapped",
                        logits,
                        scope.ints(own.toArray(), own.size()),
                        scope.ints(other.toArray(), other.size()),
                        5);
                Tensor alone = script.call(scope, "gold", mapped, scope.ints(new int[] {4}, 1));

                near(mapped.doubles(), vector.out("rows").get(0), type);
                near(alone.doubles(), vector.out("rows").get(1), type);
            }
            return 0;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void groupLikelihood_hasTheReferenceBinaryKl(DataType type) {
        KdVector vector = KdVector.of("group_likelihood");
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Script script = Script.load(engine, GroupLikelihoodTerm.class, "group_likelihood.py")) {
                for (int g = 0; g < 3; g++) {
                    List<Tensor> found = script.callAll(
                            scope,
                            "likelihood",
                            realised(
                                    scope,
                                    type,
                                    vector.in("student_logp_groups").get(g)),
                            realised(
                                    scope,
                                    type,
                                    vector.in("teacher_logp_groups").get(g)),
                            1,
                            1.0);
                    near(found.get(0).item(), vector.out("binary_kl").get(g), type);
                }
            }
            return 0;
        });
    }

    /** Rows of two tokens of which the first has these log-probabilities, all of one group. */
    private static List<Tensor> realised(Scope scope, DataType type, JsonNode logProbs) {
        double[] logs = KdVector.numbers(logProbs);
        double[] logits = Arrays.stream(logs)
                .flatMap(log -> DoubleStream.of(log, Math.log1p(-Math.exp(log))))
                .toArray();
        return List.of(
                KdVector.tensor(scope, type, logits, logs.length, 2),
                scope.ints(new int[logs.length], logs.length),
                scope.ints(new int[logs.length], logs.length));
    }

    private static Terms run(CrossStep step, CrossReply reply, Object... keys) {
        try (ObjectiveLoss loss = Objective.of(TestSettings.with(keys)).open(step.site)) {
            return step.run(loss, List.of(reply)).terms();
        }
    }

    private static double[][] identity(int size) {
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            rows[i][i] = 1;
        }
        return rows;
    }

    private static double[][] rows(JsonNode matrix) {
        double[][] rows = new double[matrix.size()][];
        Arrays.setAll(rows, i -> KdVector.numbers(matrix.get(i)));
        return rows;
    }

    private static void near(double actual, JsonNode expected, DataType type) {
        near(new double[] {actual}, new double[] {expected.asDouble()}, type);
    }

    private static void near(double[] actual, JsonNode expected, DataType type) {
        near(actual, KdVector.numbers(expected), type);
    }

    /** Each number relative to itself. */
    private static void near(double[] actual, double[] expected, DataType type) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            double tolerance = (type == DataType.F64 ? 1e-9 : 1e-5) * Math.abs(expected[i]);
            assertThat(actual[i]).isCloseTo(expected[i], within(tolerance));
        }
    }
}
