// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Cross-entropy with gold tokens, smoothed or not, against the reference sums. */
class GoldCrossEntropyTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("gold-cross-entropy", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void goldTokens_costTheReferenceSum(DataType type) {
        check(KdVector.of("ce"), 0, type);
        check(KdVector.of("ce_label_smoothing"), 0.1, type);
    }

    private static void check(KdVector vector, double smoothing, DataType type) {
        double tolerance = type == DataType.F64 ? 1e-9 : 1e-5;
        double sum = vector.out("masked_sum").asDouble();
        thread.call(engine -> {
            try (ReplyStep step = FixtureReplies.step(engine, type);
                    ObjectiveLoss loss = new Sft(smoothing).open(step.site)) {
                Terms terms = step.run(loss, FixtureReplies.gold(vector)).terms();

                assertThat(terms.terms().get("ce").numerator()).isCloseTo(sum, within(tolerance * sum));
                assertThat(terms.loss()).isCloseTo(sum / 5, within(tolerance * sum));
            }
            return 0;
        });
    }
}
