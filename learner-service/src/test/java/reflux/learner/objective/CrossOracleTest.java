// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Terms of the objectives for two vocabularies on thirty random replies (seed 8) against a plain-Java oracle, in f64. */
class CrossOracleTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("cross-oracle", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void uld_comparesRowsThatStandAtTheSameByte() {
        check("uld", oracle -> oracle.uld(false), "objective", "uld");
    }

    @Test
    void uldPositional_comparesRowsOfTheSameNumber() {
        check("uld", oracle -> oracle.uld(true), "objective", "uld", "uld_alignment", "positional");
    }

    @Test
    void gold_comparesMergedGroups() {
        check("gold_groups", oracle -> oracle.gold(1.4), "objective", "gold", "kd_temperature", 1.4);
    }

    @Test
    void simpleCtkd_comparesSharedTokensOfExactPairs() {
        check("shared_kd", oracle -> oracle.simpleCtkd(1.2), "objective", "simple-ctkd", "kd_temperature", 1.2);
    }

    @Test
    void mined_comparesRowsOnTheCheapestPath() {
        check("mined_kd", oracle -> oracle.mined(1.6), "objective", "mined", "kd_temperature", 1.6);
    }

    private static void check(String term, Function<CrossOracle, CrossOracle.Sum> sum, Object... keys) {
        Random random = new Random(8);
        List<CrossReply> replies = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            replies.add(CrossReply.random(random, CrossWords.small(), i % 3 == 0));
        }
        thread.call(engine -> {
            try (CrossStep step = CrossStep.small(engine, DataType.F64);
                    ObjectiveLoss loss = Objective.of(TestSettings.with(keys)).open(step.site)) {
                Terms terms = step.run(loss, replies).terms();

                CrossOracle.Sum expected = replies.stream()
                        .map(reply -> sum.apply(
                                new CrossOracle(CrossWords.small(), reply, step.studentHead, step.teacherHead)))
                        .reduce(new CrossOracle.Sum(0, 0), CrossOracle.Sum::plus);
                assertThat(terms.terms().get(term).denominator()).isEqualTo(expected.count());
                assertThat(terms.terms().get(term).numerator())
                        .isCloseTo(expected.sum(), within(1e-9 * expected.sum()));
            }
            return 0;
        });
    }
}
