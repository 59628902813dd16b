// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * Adapters that Python's peft made and ran, see peft_golden.py beside the files. What is written here into
 * {@code target/peft-check} can be opened by the same script.
 */
class PeftGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/reflux/model/peft");
    private static final Path WRITTEN = Path.of("target/peft-check");
    private static final int VOCABULARY = 47;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("peft-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void adapterOfPeft_hasItsLogits(String name) {
        thread.call(engine -> {
            ModelDirectory base = ModelDirectory.open(GOLDEN.resolve(name).resolve("base"));
            AdapterDirectory adapter =
                    AdapterDirectory.open(GOLDEN.resolve(name).resolve("adapter"));
            try (SafetensorsFile golden =
                            SafetensorsFile.open(GOLDEN.resolve(name).resolve("logits.safetensors"));
                    TensorSource weights = base.openWeights();
                    TensorSource tensors = adapter.openWeights();
                    Decoder plain = Decoder.load(engine, base, DataType.F32);
                    Decoder beside = Lora.resume(engine, base, adapter);
                    Decoder folded =
                            Lora.merged(engine, base.config(), weights, adapter.config(), tensors, DataType.F32)) {
                TokenBatch batch = ids(golden);
                assertThat(logits(engine, plain, batch)).containsExactly(floats(golden, "base"), within(1e-4f));
                assertThat(logits(engine, beside, batch)).containsExactly(floats(golden, "adapted"), within(1e-4f));
                assertThat(logits(engine, folded, batch)).containsExactly(floats(golden, "adapted"), within(1e-4f));
                assertThat(floats(golden, "base")[5]).isNotCloseTo(floats(golden, "adapted")[5], within(1e-2f));
            }
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void writtenAdapter_isReadAgain(String name) throws Exception {
        Path directory = WRITTEN.resolve(name);
        Files.createDirectories(directory.resolve("merged"));
        thread.call(engine -> {
            ModelDirectory base = ModelDirectory.open(GOLDEN.resolve(name).resolve("base"));
            AdapterDirectory golden = AdapterDirectory.open(GOLDEN.resolve(name).resolve("adapter"));
            AdapterDirectory.Base origin = new AdapterDirectory.Base("base", "abc");
            try (SafetensorsFile stored =
                            SafetensorsFile.open(GOLDEN.resolve(name).resolve("logits.safetensors"));
                    Decoder made = Lora.fresh(engine, base, golden.config(), 3)) {
                for (Parameter parameter : made.weights().parameters()) {
                    double[] values = new java.util.SplittableRandom(6)
                            .doubles(parameter.value().count(), -0.3, 0.3)
                            .toArray();
                    try (Scope scope = engine.scope().child()) {
                        engine.copy(scope.doubles(values, parameter.value().shape()), parameter.value());
                    }
                }
                float[] logits = logits(engine, made, ids(stored));
                Lora.write(made, directory.resolve("adapter"), origin);
                writeForScript(directory, base, made, logits);
                AdapterDirectory written = AdapterDirectory.open(directory.resolve("adapter"));
                try (Decoder again = Lora.resume(engine, base, written)) {
                    assertThat(logits(engine, again, ids(stored))).isEqualTo(logits);
                }
                assertThat(written.config()).isEqualTo(golden.config());
                assertThat(written.baseModel()).isEqualTo("base");
                assertThat(written.baseFingerprint()).isEqualTo("abc");
            }
            return true;
        });
    }

    private static void writeForScript(Path directory, ModelDirectory base, Decoder decoder, float[] logits) {
        MergedWeights merged = new MergedWeights(decoder);
        SafetensorsWriter.write(directory.resolve("merged/model.safetensors"), merged.infos(), merged::bytes, Map.of());
        ByteBuffer bytes = ByteBuffer.allocate(4 * logits.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(logits);
        TensorInfo info = TensorInfo.of("adapted", DataType.F32, List.of(2L, 10L, (long) VOCABULARY));
        SafetensorsWriter.write(
                directory.resolve("logits.safetensors"), List.of(info), asked -> bytes.duplicate(), Map.of());
        try {
            Files.copy(
                    base.path().resolve("config.json"),
                    directory.resolve("merged/config.json"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static TokenBatch ids(SafetensorsFile golden) {
        long[] ids = new long[20];
        golden.bytes("ids").asLongBuffer().get(ids);
        List<int[]> sequences = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            int first = 10 * row;
            sequences.add(IntStream.range(0, 10).map(i -> (int) ids[first + i]).toArray());
        }
        return TokenBatch.of(sequences);
    }

    private static float[] logits(Engine engine, Decoder decoder, TokenBatch batch) {
        try (Scope scope = engine.scope().child()) {
            Tensor hidden = decoder.hidden(scope, batch);
            int[] all = IntStream.range(0, 20).toArray();
            return decoder.logits(scope, decoder.rows(scope, hidden, all)).floats();
        }
    }

    private static float[] floats(SafetensorsFile file, String name) {
        float[] values = new float[(int) file.info(name).count()];
        file.bytes(name).asFloatBuffer().get(values);
        return values;
    }
}
