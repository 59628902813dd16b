// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.learner.align.VocabularyMap;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** The KL that is reported: over shared tokens and one bucket for the rest, whatever is trained. */
class SharedTokensKlTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("shared-tokens-kl", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void twoVocabularies_areComparedByBuckets() {
        thread.call(engine -> {
            LossSettings settings = LossSettings.of(1, 2, new ReverseKl());
            try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F64);
                    DualSpaceLoss loss = DualSpaceLoss.load(engine, settings, DualSpaceFixture.MAP)) {
                double forward = 0;
                double reverse = 0;
                for (int[] pair : fixture.pairs) {
                    double[] p = buckets(
                            softmax(DualSpaceOracle.times(fixture.teacherHead, fixture.teacherRows[pair[0]])),
                            DualSpaceFixture.MAP.overlapTeacher().toArray());
                    double[] q = buckets(
                            softmax(DualSpaceOracle.times(fixture.studentHead, fixture.studentRows[pair[1]])),
                            DualSpaceFixture.MAP.overlapStudent().toArray());
                    forward += kl(p, q);
                    reverse += kl(q, p);
                }

                LossTerms terms = fixture.step(loss).terms();

                assertThat(terms.forwardKl().denominator()).isEqualTo(fixture.pairs.length);
                assertThat(terms.forwardKl().numerator()).isCloseTo(forward, within(1e-12));
                assertThat(terms.reverseKl().numerator()).isCloseTo(reverse, within(1e-12));
            }
            return 0;
        });
    }

    @Test
    void oneVocabulary_isComparedInFull() {
        KdVector vector = KdVector.of("div_forward_kl");
        double[] expected = KdVector.numbers(vector.out("T1").get("per_token"));
        double[] student = KdVector.numbers(vector.in("student_logits"));
        double[] teacher = KdVector.numbers(vector.in("teacher_logits"));
        int[] all = IntStream.range(0, 5).toArray();

        for (int row = 0; row < expected.length; row++) {
            double[] p = buckets(softmax(Arrays.copyOfRange(teacher, row * 5, row * 5 + 5)), all);
            double[] q = buckets(softmax(Arrays.copyOfRange(student, row * 5, row * 5 + 5)), all);
            assertThat(kl(p, q)).isCloseTo(expected[row], within(1e-12));
        }
        assertThat(VocabularyMap.identity(5).overlapTeacher().toArray()).isEqualTo(all);
    }

    private static double[] softmax(double[] logits) {
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return Arrays.stream(logits).map(logit -> Math.exp(logit) / sum).toArray();
    }

    private static double[] buckets(double[] probabilities, int[] shared) {
        double[] buckets = Arrays.copyOf(
                Arrays.stream(shared).mapToDouble(id -> probabilities[id]).toArray(), shared.length + 1);
        double rest = 1 - Arrays.stream(buckets).sum();
        buckets[shared.length] = Math.max(rest, Math.exp(-16));
        return buckets;
    }

    private static double kl(double[] p, double[] q) {
        return IntStream.range(0, p.length)
                .mapToDouble(i -> p[i] * Math.log(p[i] / q[i]))
                .sum();
    }
}
