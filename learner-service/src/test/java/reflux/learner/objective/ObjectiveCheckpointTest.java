// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reflux.learner.checkpoint.SavedTensors;
import reflux.model.decoder.Parameter;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.safetensors.TensorInfo;

/** Parameters of a loss's own go into a checkpoint and come back. */
class ObjectiveCheckpointTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("objective-checkpoint", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @CsvSource({"dskd, none", "dskd-cma, none", "dskd-v2, none", "dskd-v2, both"})
    void trainedParameters_comeBack(String objective, String groups) {
        Objective chosen = Objective.of(TestSettings.with("objective", objective, "group_loss", groups));
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = chosen.open(step.site)) {
                SavedTensors start = saved(loss);
                assertThat(loss.parameters()).isNotEmpty();
                for (Parameter own : loss.parameters()) {
                    engine.copy(step.scope.zeros(own.value().type(), own.value().shape()), own.value());
                }
                assertThat(saved(loss).bytes()).isNotEqualTo(start.bytes());

                loss.restore(start);

                assertThat(saved(loss).bytes()).isEqualTo(start.bytes());
            }
            return 0;
        });
    }

    @ParameterizedTest
    @CsvSource({"dskd", "dskd-cma", "dskd-v2"})
    void checkpointWithoutATensor_isRefusedAndNothingIsChanged(String objective) {
        Objective chosen = Objective.of(TestSettings.with("objective", objective));
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = chosen.open(step.site)) {
                SavedTensors start = saved(loss);
                String last = loss.infos().get(loss.infos().size() - 1).name();

                assertThatThrownBy(() -> loss.restore(start.without(last)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(last);
                assertThatThrownBy(() -> loss.bytes("other"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("other");
                assertThat(saved(loss).bytes()).isEqualTo(start.bytes());
            }
            return 0;
        });
    }

    @Test
    void tensorOfAnotherShape_isRefused() {
        Objective chosen = Objective.of(TestSettings.with("objective", "dskd"));
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = chosen.open(step.site)) {
                List<TensorInfo> flat = loss.infos().stream()
                        .map(info -> new TensorInfo(info.name(), info.type(), List.of(info.bytes() / 8), info.bytes()))
                        .toList();

                assertThatThrownBy(() -> loss.restore(saved(loss).describedAs(flat)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("checkpoint must have");
            }
            return 0;
        });
    }

    @Test
    void lossWithoutParameters_hasNothingToSave() {
        Objective chosen = Objective.of(TestSettings.with("objective", "uld"));
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = chosen.open(step.site)) {
                assertThat(loss.infos()).isEmpty();
                assertThat(loss.parameters()).isEmpty();
                assertThatThrownBy(() -> loss.bytes("other")).hasMessageContaining("other");
            }
            return 0;
        });
    }

    private static SavedTensors saved(ObjectiveLoss loss) {
        return SavedTensors.of(loss.infos(), loss::bytes);
    }
}
