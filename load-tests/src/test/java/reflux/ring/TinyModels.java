// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import java.nio.file.Path;
import java.util.List;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.hf.RopeScaling;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TrainedBpe;

/** A student, a teacher with another tokenizer and one with the same, random weights. Seeds 5 to 7. */
final class TinyModels {
    private static final List<String> LINES = List.of(
            "hello world", "HH AH0 L OW1 W ER1 L D", "the quick brown fox jumps over the lazy dog", "HH AH0 L OW1 OW1");

    private TinyModels() {}

    static Path teacher(Path parent) {
        TrainedBpe bpe = BpeTrainer.sentencePiece(330).train(LINES);
        LlamaConfig config = new LlamaConfig(
                "llama",
                bpe.size() + 3,
                24,
                32,
                2,
                4,
                2,
                6,
                96,
                10_000,
                new RopeScaling.None(),
                1e-5,
                false,
                false,
                false,
                false,
                List.of(bpe.endId()));
        return write(parent.resolve("teacher"), bpe, config, 5);
    }

    /** A wider model with the student's tokenizer. */
    static Path twin(Path parent) {
        TrainedBpe bpe = BpeTrainer.byteLevel(290).train(LINES);
        Gpt2Config config = new Gpt2Config(bpe.size(), 24, 96, 2, 2, 96, 1e-5, "gelu_new", true, List.of(bpe.endId()));
        return write(parent.resolve("twin"), bpe, config, 7);
    }

    static Path student(Path parent) {
        TrainedBpe bpe = BpeTrainer.byteLevel(290).train(LINES);
        Gpt2Config config = new Gpt2Config(bpe.size(), 16, 64, 2, 2, 64, 1e-5, "gelu_new", true, List.of(bpe.endId()));
        return write(parent.resolve("student"), bpe, config, 6);
    }

    private static Path write(Path model, TrainedBpe bpe, DecoderConfig config, long seed) {
        Path tokenizer = model.resolveSibling(model.getFileName() + "-tokenizer");
        bpe.write(tokenizer);
        try (EngineThread engine = EngineThread.start(EngineSettings.cpu("tiny-model-writer", 1))) {
            engine.call(open -> {
                Decoder decoder = Decoder.random(open, config, seed);
                ModelDirectory.write(
                        model,
                        config,
                        GenerationConfig.plain(config.eosIds()),
                        decoder.weights().infos(),
                        decoder.weights()::bytes,
                        tokenizer,
                        DataType.F32);
                return true;
            });
        }
        return model;
    }
}
