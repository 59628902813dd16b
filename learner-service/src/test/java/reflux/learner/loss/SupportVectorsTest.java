// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.loss.Support.Rest;
import reflux.learner.loss.Support.Side;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Chosen tokens against the reference numbers: f32 to 1e-5, f64 to 1e-9. */
class SupportVectorsTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("support-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void topK_hasTheReferenceValuesWithEitherRest(DataType type) {
        KdVector vector = KdVector.of("topk_tail");

        for (int k = 1; k <= 3; k++) {
            String found = "k" + k;
            double[] forwardTail = KdVector.numbers(vector.out(found).get("fkl_teacher_support_tail"));
            double[] forwardScaled = KdVector.numbers(vector.out(found).get("fkl_teacher_support_renorm"));
            double[] reverseTail = KdVector.numbers(vector.out(found).get("rkl_student_support_tail"));
            double[] reverseScaled = KdVector.numbers(vector.out(found).get("rkl_student_support_renorm"));
            near(
                    values(type, vector, new ForwardKl(), new Support.TopK(k, Side.TEACHER, Rest.BUCKET)),
                    forwardTail,
                    type);
            near(
                    values(type, vector, new ForwardKl(), new Support.TopK(k, Side.TEACHER, Rest.RENORMALISE)),
                    forwardScaled,
                    type);
            near(
                    values(type, vector, new ReverseKl(), new Support.TopK(k, Side.STUDENT, Rest.BUCKET)),
                    reverseTail,
                    type);
            near(
                    values(type, vector, new ReverseKl(), new Support.TopK(k, Side.STUDENT, Rest.RENORMALISE)),
                    reverseScaled,
                    type);
        }
    }

    @Test
    void topK_choosesTheReferenceTokensTheLowestOfEqualOnes() {
        KdVector vector = KdVector.of("topk_tail");

        for (int k = 1; k <= 3; k++) {
            assertThat(chosen("top_k", vector, "teacher_logits", k))
                    .isEqualTo(sorted(vector, "k" + k, "teacher_support"));
            assertThat(chosen("top_k", vector, "student_logits", k))
                    .isEqualTo(sorted(vector, "k" + k, "student_support"));
        }
    }

    @Test
    void topP_choosesTheFewestTokensThatHoldTheMass() {
        KdVector vector = KdVector.of("top_p_support");
        List<List<Long>> expected = new ArrayList<>();
        vector.out("support")
                .forEach(batch -> batch.forEach(row -> expected.add(Arrays.stream(KdVector.ints(row))
                        .mapToObj(Long::valueOf)
                        .toList())));

        assertThat(chosen("top_p", vector, "teacher_logits", 0.8)).isEqualTo(expected);
    }

    /** The teacher's choice and the sampled token, once where they are the same. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void listedTokensAndTheRest_haveTheValuesOfTrlsServer(DataType type) {
        KdVector vector = KdVector.of("trl_server_top1_mixed");
        int[] sampled = KdVector.ints(vector.in("sampled"));

        double[] values = thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Script script = script(engine, new GeneralisedJsd(0.5))) {
                Tensor teacher = KdVector.rows(scope, type, vector.in("teacher_logits"));
                long[] best = script.call(scope, "top_k", teacher, 1).longs();
                long[] ids = new long[2 * best.length];
                for (int row = 0; row < best.length; row++) {
                    ids[2 * row] = best[row];
                    ids[2 * row + 1] = sampled[row] == best[row] ? -1 : sampled[row];
                }
                return script.callAll(
                                scope,
                                "compare_chosen",
                                0.5,
                                1.0,
                                KdVector.rows(scope, type, vector.in("student_logits")),
                                script.call(scope, "log_probs", teacher, 1.0),
                                scope.longs(ids, best.length, 2),
                                true)
                        .get(0)
                        .doubles();
            }
        });

        near(values, KdVector.numbers(vector.out("per_token")), type);
    }

    private static double[] values(DataType type, KdVector vector, Divergence divergence, Support support) {
        return thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Comparison comparison = Comparison.load(engine, divergence, support, 1)) {
                return comparison
                        .compare(
                                scope,
                                KdVector.rows(scope, type, vector.in("student_logits")),
                                KdVector.rows(scope, type, vector.in("teacher_logits")),
                                1)
                        .values_C()
                        .doubles();
            }
        });
    }

    /** Ids of each row, ascending. */
    private static List<List<Long>> chosen(String method, KdVector vector, String logits, Number size) {
        return thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Script script = script(engine, new ForwardKl())) {
                Tensor rows = KdVector.rows(scope, DataType.F64, vector.in(logits));
                Tensor given = method.equals("top_p") ? script.call(scope, "log_probs", rows, 1.0) : rows;
                Tensor ids = script.call(scope, method, given, size);
                int width = (int) ids.size(1);
                List<List<Long>> found = new ArrayList<>();
                for (int start = 0; start < ids.count(); start += width) {
                    found.add(Arrays.stream(ids.longs(), start, start + width)
                            .filter(id -> id >= 0)
                            .sorted()
                            .boxed()
                            .toList());
                }
                return found;
            }
        });
    }

    private static Script script(Engine engine, Divergence divergence) {
        return Script.load(
                engine, Comparison.class, "distribution.py", divergence.resource(), "divergence.py", "support.py");
    }

    private static List<List<Long>> sorted(KdVector vector, String k, String name) {
        List<List<Long>> rows = new ArrayList<>();
        vector.out(k)
                .get(name)
                .forEach(batch -> batch.forEach(row -> rows.add(Arrays.stream(KdVector.ints(row))
                        .sorted()
                        .mapToObj(Long::valueOf)
                        .toList())));
        return rows;
    }

    /** Relative to the largest of the expected numbers. */
    private static void near(double[] actual, double[] expected, DataType type) {
        double scale =
                Math.max(1e-2, Arrays.stream(expected).map(Math::abs).max().orElse(1));
        assertThat(actual).containsExactly(expected, within((type == DataType.F64 ? 1e-9 : 1e-5) * scale));
    }
}
