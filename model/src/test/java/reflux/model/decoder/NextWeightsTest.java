// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.DecoderConfig;

/** Weights that come in direct memory, as a generator's do, some of which is read only while they are packed. */
class NextWeightsTest {
    private static final int[] IDS = TinyModels.ids(8, 12);
    private static EngineThread thread;

    private final List<ByteBuffer> memory = new ArrayList<>();

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("next-weights-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void weights_areTheSourcesUntilReadAndTheDecodersOwnFromThenOn() {
        for (DecoderConfig config : TinyModels.ALL) {
            thread.call(engine -> {
                try (Decoder decoder = TinyModels.frozen(engine, config, DataType.F32);
                        Scope scope = engine.scope().child()) {
                    double[] old = hidden(decoder);
                    decoder.cache(scope, 1, 4);
                    MapSource halved = halved(config);
                    double[] expected = hidden(Decoder.load(engine, config, halved, DataType.F32));

                    NextWeights next = decoder.next(halved);
                    assertThat(hidden(decoder)).containsExactly(old);
                    while (!next.read()) {
                        continue;
                    }
                    memory.forEach(NextWeightsTest::scribble);
                    assertThat(hidden(decoder)).containsExactly(old);
                    decoder.swap(next);

                    assertThat(hidden(decoder)).isNotEqualTo(old).containsExactly(expected);
                }
                return true;
            });
        }
    }

    @Test
    void brokenOff_freesWhatWasRead() {
        thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, TinyModels.LLAMA, DataType.F32)) {
                double[] old = hidden(decoder);
                long open = engine.openTensors();
                for (int pieces = 0; pieces < 20; pieces++) {
                    NextWeights next = decoder.next(halved(TinyModels.LLAMA));
                    for (int i = 0; i < pieces; i++) {
                        next.read();
                    }
                    next.close();
                    assertThat(engine.openTensors()).isEqualTo(open);
                }
                assertThat(hidden(decoder)).containsExactly(old);
            }
            return true;
        });
    }

    /** Half of a model's weights, in f32 and direct memory. */
    private MapSource halved(DecoderConfig config) {
        MapSource plain = TinyModels.source(config);
        MapSource source = new MapSource();
        plain.tensors().forEach(info -> {
            ByteBuffer doubles = plain.bytes(info.name());
            int count = Math.toIntExact(info.count());
            ByteBuffer floats = ByteBuffer.allocateDirect(Float.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                floats.putFloat((float) (doubles.getDouble() / 2));
            }
            memory.add(floats);
            long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
            source.put(info.name(), DataType.F32, floats.flip(), shape);
        });
        return source;
    }

    private static void scribble(ByteBuffer floats) {
        for (int at = 0; at < floats.limit(); at += Float.BYTES) {
            floats.putFloat(at, Float.NaN);
        }
    }

    private static double[] hidden(Decoder decoder) {
        try (Scope scope = decoder.engine().scope().child()) {
            return decoder.hidden(scope, TokenBatch.of(List.of(IDS))).doubles();
        }
    }
}
