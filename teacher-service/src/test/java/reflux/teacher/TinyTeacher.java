// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.nio.file.Path;
import java.util.List;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.hf.RopeScaling;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TrainedBpe;

/** A Llama of a few thousand parameters with a SentencePiece-like tokenizer, for tests. Seed 5. */
final class TinyTeacher {

    static final int HIDDEN = 16;
    static final int CONTEXT = 96;
    static final int PADDING_ROWS = 3;

    private static final List<String> LINES = List.of(
            "hello world", "HH AH0 L OW1 W ER1 L D", "the quick brown fox jumps over the lazy dog", "HH AH0 L OW1 OW1");

    private TinyTeacher() {}

    static LlamaConfig config(int vocabulary, List<Integer> eosIds) {
        return new LlamaConfig(
                "llama",
                vocabulary,
                HIDDEN,
                32,
                2,
                4,
                2,
                4,
                CONTEXT,
                10_000,
                new RopeScaling.None(),
                1e-5,
                false,
                false,
                false,
                false,
                eosIds);
    }

    /** Writes the model into a new directory under {@code parent}. */
    static Path write(Path parent) {
        Path tokenizer = parent.resolve("tokenizer");
        Path model = parent.resolve("tiny-teacher");
        TrainedBpe bpe = BpeTrainer.sentencePiece(330).train(LINES);
        bpe.write(tokenizer);
        LlamaConfig config = config(bpe.size() + PADDING_ROWS, List.of(bpe.endId()));
        try (EngineThread engine = EngineThread.start(EngineSettings.cpu("tiny-teacher-writer", 1))) {
            engine.call(open -> {
                Decoder decoder = Decoder.random(open, config, 5);
                ModelDirectory.write(
                        model,
                        config,
                        GenerationConfig.plain(config.eosIds()),
                        decoder.weights().infos(),
                        decoder.weights()::bytes,
                        tokenizer,
                        DataType.F32);
                return null;
            });
        }
        return model;
    }
}
