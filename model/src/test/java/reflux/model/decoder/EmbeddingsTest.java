// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.DecoderConfig;

/** The table of the input embeddings, of models with tied and with own heads. */
class EmbeddingsTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;

    @ParameterizedTest
    @FieldSource("MODELS")
    void embeddings_areTheHeadOnlyWhereTied(DecoderConfig config) {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("embeddings-test", 1))) {
            boolean same = thread.call(engine -> {
                try (Decoder decoder = TinyModels.trainable(engine, config, DataType.F32)) {
                    assertThat(decoder.embeddings().shape())
                            .containsExactly(config.vocabularySize(), config.hiddenSize());
                    return Arrays.equals(
                            decoder.embeddings().floats(), decoder.head().floats());
                }
            });

            assertThat(same).isEqualTo(config.tiedHead());
        }
    }
}
