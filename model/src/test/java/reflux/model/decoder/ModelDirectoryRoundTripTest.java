// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;

/** A decoder written as a Hugging Face directory and read again is the same decoder. */
class ModelDirectoryRoundTripTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;
    private static final TokenBatch BATCH = TokenBatch.of(List.of(TinyModels.ids(5, 20)));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("MODELS")
    void writtenAndLoaded_hasTheSameWeightsAndComputesTheSame(DecoderConfig config) throws IOException {
        Path tokenizer = Files.createDirectory(folder.resolve("tokenizer"));
        Files.writeString(tokenizer.resolve("tokenizer.json"), "{}");
        Path model = folder.resolve("model");
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("round-trip-test", 1))) {
            thread.call(engine -> {
                try (Decoder decoder = TinyModels.trainable(engine, config, DataType.F32)) {
                    Weights weights = decoder.weights();
                    ModelDirectory.write(
                            model,
                            config,
                            GenerationConfig.plain(config.eosIds()),
                            weights.infos(),
                            weights::bytes,
                            tokenizer,
                            DataType.F32);

                    ModelDirectory directory = ModelDirectory.open(model);
                    try (Decoder frozen = Decoder.load(engine, directory, DataType.F32);
                            Decoder trainable = Decoder.loadTrainable(engine, directory)) {
                        assertThat(frozen.config()).isEqualTo(config);
                        assertThat(hidden(engine, frozen)).containsExactly(hidden(engine, decoder), within(2e-5f));
                        for (TensorInfo info : weights.infos()) {
                            assertThat(frozen.weights().get(info.name()).floats())
                                    .as(info.name())
                                    .isEqualTo(weights.get(info.name()).floats());
                        }
                        assertThat(hidden(engine, trainable)).containsExactly(hidden(engine, decoder));
                        assertThat(trainable.weights().parameters()).hasSameSizeAs(weights.infos());
                        assertThat(frozen.weights().parameters()).isEmpty();
                    }
                }
                return true;
            });
        }
    }

    private static float[] hidden(Engine engine, Decoder decoder) {
        try (Scope scope = engine.scope().child()) {
            return decoder.hidden(scope, BATCH).floats();
        }
    }
}
