// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.learner.projector.Projector;
import reflux.learner.projector.ProjectorSettings;
import reflux.learner.vectors.KdVector;
import reflux.learner.vectors.SharedTokens;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/** The DSKDv2 micro models: every term, the loss, and each gradient, in f32 and f64. */
class DualSpaceVectorsTest {
    private static final LossSettings SETTINGS = LossSettings.of(0.5, 2, new ForwardKl());
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("dual-space-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    /** Everything that a vector states, as tensors. */
    private record Model(Heads heads, Projector projector, Tensor studentRows_Nd, Tensor teacherRows_MD) {
        static Model of(Engine engine, Scope scope, DataType type, KdVector vector, VocabularyMap map) {
            Tensor student = KdVector.rows(scope, type, vector.in("head_student"));
            Tensor teacher = KdVector.rows(scope, type, vector.in("head_teacher"));
            return new Model(
                    new Heads(student, scope.zeros(type, student.shape()), teacher),
                    Projector.initialise(engine, student, teacher, map, ProjectorSettings.defaults()),
                    KdVector.rows(scope, type, vector.in("student_hidden")),
                    KdVector.rows(scope, type, vector.in("teacher_hidden")));
        }

        Evaluation evaluate(Scope out, DualSpaceLoss loss, RowPairs pairs, TokenIds gold) {
            Targets targets = loss.target(heads, projector, teacherRows_MD, pairs, gold);
            return loss.evaluate(out, heads, projector, studentRows_Nd, teacherRows_MD, targets, targets.counts());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void sameVocabulary_hasTheReferenceTermsAndGradients(DataType type) {
        KdVector vector = KdVector.of("dskd2_same_vocab");
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    DualSpaceLoss loss = DualSpaceLoss.load(engine, SETTINGS, VocabularyMap.identity(6))) {
                Model model = Model.of(engine, scope, type, vector, VocabularyMap.identity(6));

                Evaluation result = model.evaluate(scope, loss, RowPairs.identity(2), TokenIds.of(4, 1, -1));

                near(result.terms(), vector.expected(), type);
                assertThat(result.terms().counts()).isEqualTo(new TermCounts(2, 2, 2, 2));
                near(result.studentGradient_Nd(), vector.out("grad_student_hidden"), type);
                near(model.heads().studentGradient_Vd(), vector.out("grad_student_head"), type);
                near(model.projector().teacherToStudent().gradient(), vector.out("grad_W_t2s"), type);
            }
            return 0;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void disagreeingToken_countsInTheDistillationOnlyWithoutMask(DataType type) {
        KdVector vector = KdVector.of("dskd2_same_vocab_disagree");
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Model model = Model.of(engine, scope, type, KdVector.of("dskd2_same_vocab"), VocabularyMap.identity(6));
                engine.copy(
                        KdVector.rows(scope, type, vector.in("W_t2s")),
                        model.projector().teacherToStudent().value());

                LossTerms masked = evaluate(engine, scope, model, 1);
                LossTerms unmasked = evaluate(engine, scope, model, -1);

                near(masked, vector.expected(), type);
                assertThat(masked.counts()).isEqualTo(new TermCounts(2, 2, 2, 1));
                near(
                        unmasked.t2sKd().value(),
                        vector.out("t2s_kd_without_agreement_mask").asDouble(),
                        type);
            }
            return 0;
        });
    }

    private static LossTerms evaluate(Engine engine, Scope scope, Model model, double agreementThreshold) {
        LossSettings settings = new LossSettings(0.5, 2, new ForwardKl(), Spaces.BOTH, agreementThreshold, 1024);
        try (DualSpaceLoss loss = DualSpaceLoss.load(engine, settings, VocabularyMap.identity(6))) {
            return model.evaluate(scope, loss, RowPairs.identity(2), TokenIds.of(4, 1, -1))
                    .terms();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void alignedTokens_haveTheReferenceTerms(DataType type) {
        KdVector vector = KdVector.of("dskd2_eta_loss");
        VocabularyMap map = SharedTokens.map(
                6, KdVector.ints(vector.in("overlap_teacher")), 5, KdVector.ints(vector.in("overlap_student")));
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    DualSpaceLoss loss = DualSpaceLoss.load(engine, SETTINGS, map)) {
                assertThat(map.studentIds(6)).isEqualTo(KdVector.ints(vector.in("t2s_id_map")));
                Model model = Model.of(engine, scope, type, vector, map);
                RowPairs.Builder pairs = RowPairs.builder();
                for (JsonNode pair : vector.in("pairs")) {
                    pairs.add(
                            FirstTokens.PLAIN, pair.get(0).asInt(), pair.get(1).asInt());
                }
                TokenIds gold = TokenIds.of(KdVector.ints(vector.in("student_labels")));

                Evaluation result = model.evaluate(scope, loss, pairs.build(), gold);

                near(result.terms(), vector.expected(), type);
                assertThat(result.terms().counts()).isEqualTo(new TermCounts(4, 3, 3, 2));
                assertThat((double) result.terms().counts().pairs() / gold.size())
                        .isEqualTo(vector.out("align_ratio").asDouble());
            }
            return 0;
        });
    }

    /** Row 1 of the teacher predicts id 5, which the student does not have; row 2 predicts id 1, neither. */
    @Test
    void unmappedPrediction_dropsThePairFromAllTermsAndIsCounted() {
        KdVector vector = KdVector.of("dskd2_eta_loss");
        VocabularyMap map = SharedTokens.map(
                6, KdVector.ints(vector.in("overlap_teacher")), 5, KdVector.ints(vector.in("overlap_student")));
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    DualSpaceLoss loss = DualSpaceLoss.load(engine, SETTINGS, map)) {
                Model model = Model.of(engine, scope, DataType.F64, vector, map);
                RowPairs pairs = RowPairs.builder()
                        .addSameTokens(2, 1, 1)
                        .addSameTokens(1, 0, 0)
                        .build();

                LossTerms terms = model.evaluate(scope, loss, pairs, TokenIds.of(-1, -1, -1, -1))
                        .terms();

                assertThat(terms.counts().pairs()).isEqualTo(3);
                assertThat(terms.counts().kept()).isEqualTo(1);
                assertThat(terms.counts().mappingDrop()).isCloseTo(2 / 3.0, within(1e-12));
                assertThat(terms.t2sCe().denominator()).isEqualTo(1);
                assertThat(terms.s2tKd().denominator()).isEqualTo(1);
            }
            return 0;
        });
    }

    /** The published code divides each part by the global count over parts; a mean of means differs. */
    @Test
    void partsOfABatch_addUpToTheGlobalMean() {
        KdVector vector = KdVector.of("loss_denom");
        double[] sums = KdVector.numbers(vector.in("micro_sums"));
        int[] counts = KdVector.ints(vector.in("counts"));
        Term whole = Term.NONE;
        double meanOfMeans = 0;
        for (int i = 0; i < sums.length; i++) {
            Term part = new Term(sums[i], counts[i]);
            whole = whole.plus(part);
            meanOfMeans += part.value() / sums.length;
        }

        assertThat(whole.value()).isEqualTo(vector.out("global_token_mean").asDouble());
        assertThat((double) whole.denominator() / sums.length)
                .isEqualTo(vector.out("loss_denom").asDouble());
        assertThat(meanOfMeans).isEqualTo(vector.out("mean_of_means").asDouble());
    }

    private static void near(LossTerms terms, JsonNode expected, DataType type) {
        near(terms.ce().value(), expected.get("ce").asDouble(), type);
        near(terms.t2sCe().value(), expected.get("t2s_ce").asDouble(), type);
        near(terms.t2sKd().value(), expected.get("t2s_kd").asDouble(), type);
        near(terms.s2tKd().value(), expected.get("s2t_kd").asDouble(), type);
        near(terms.distillation(), expected.get("kd").asDouble(), type);
        near(terms.loss(0.5), expected.get("loss").asDouble(), type);
    }

    /** With a projector made by a pseudo-inverse f32 keeps four digits. */
    private static double tolerance(DataType type) {
        return type == DataType.F64 ? 1e-9 : 1e-4;
    }

    private static void near(double actual, double expected, DataType type) {
        assertThat(actual).isCloseTo(expected, within(tolerance(type) * Math.abs(expected)));
    }

    private static void near(Tensor actual, JsonNode expected, DataType type) {
        double[] numbers = KdVector.numbers(expected);
        double scale = Arrays.stream(numbers).map(Math::abs).max().orElse(1);
        assertThat(actual.doubles()).containsExactly(numbers, within(tolerance(type) * scale));
    }
}
