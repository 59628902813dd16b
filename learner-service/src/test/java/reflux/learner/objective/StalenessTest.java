// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Divergences compare the teacher with the student that is trained, whoever sampled the tokens and whenever. */
class StalenessTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("staleness", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "distillm",
                "dskd",
                "dskd-cma",
                "dskd-v2",
                "gkd",
                "gold",
                "mined",
                "simple-ctkd",
                "uld",
                "vanilla-kd"
            })
    void staleSample_hasLossAndGradientOfAFreshOneWithTheSameTokens(String objective) {
        Objective chosen = Objective.of(TestSettings.with("objective", objective, "kd_loss_fn", "reverse_kl"));
        Reply fresh = Reply.sampled(21, 1, 4, 2, 0);
        Reply stale = fresh.sampledWith(-7).stale(4);
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = chosen.open(step.site)) {
                ReplyStep.Result expected = step.run(loss, List.of(fresh));
                ReplyStep.Result found = step.run(loss, List.of(stale));

                assertThat(expected.terms().loss()).isGreaterThan(0.1);
                assertThat(found.terms()).isEqualTo(expected.terms());
                assertThat(PlainMaths.flat(found.rows())).containsExactly(PlainMaths.flat(expected.rows()));
                assertThat(found.head()).containsExactly(expected.head());
            }
            return 0;
        });
    }
}
