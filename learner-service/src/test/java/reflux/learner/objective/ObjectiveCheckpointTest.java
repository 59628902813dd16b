// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reflux.model.decoder.Parameter;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

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
                Saved start = new Saved(loss);
                assertThat(loss.parameters()).isNotEmpty();
                for (Parameter own : loss.parameters()) {
                    engine.copy(step.scope.zeros(own.value().type(), own.value().shape()), own.value());
                }
                assertThat(new Saved(loss).bytes).isNotEqualTo(start.bytes);

                loss.restore(start);

                assertThat(new Saved(loss).bytes).isEqualTo(start.bytes);
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
                Saved start = new Saved(loss);
                Saved part = new Saved(loss);
                String last = part.infos.get(part.infos.size() - 1).name();
                part.bytes.remove(last);

                assertThatThrownBy(() -> loss.restore(part))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(last);
                assertThatThrownBy(() -> loss.bytes("other"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("other");
                assertThat(new Saved(loss).bytes).isEqualTo(start.bytes);
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
                Saved other = new Saved(loss);
                other.infos = other.infos.stream()
                        .map(info -> new TensorInfo(info.name(), info.type(), List.of(info.bytes() / 8), info.bytes()))
                        .toList();

                assertThatThrownBy(() -> loss.restore(other))
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

    /** A checkpoint in memory. */
    private static final class Saved implements TensorSource {
        private final Map<String, ByteBuffer> bytes = new HashMap<>();
        private List<TensorInfo> infos;

        Saved(ObjectiveLoss loss) {
            this.infos = loss.infos();
            for (TensorInfo info : infos) {
                ByteBuffer copy = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
                bytes.put(info.name(), copy.put(loss.bytes(info.name())).flip());
            }
        }

        @Override
        public List<TensorInfo> tensors() {
            return infos;
        }

        @Override
        public boolean has(String name) {
            return bytes.containsKey(name);
        }

        @Override
        public TensorInfo info(String name) {
            return infos.stream()
                    .filter(info -> info.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public ByteBuffer bytes(String name) {
            return bytes.get(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public ByteBuffer bytes(String name, long offset, int length) {
            return bytes(name).slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void close() {}
    }
}
