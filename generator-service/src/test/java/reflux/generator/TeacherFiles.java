// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

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

/** A random Llama with a SentencePiece-like tokenizer and a padded, untied head, as a teacher's directory holds it. Seed 5. */
final class TeacherFiles {
    static final int PADDING_ROWS = 7;

    private TeacherFiles() {}

    static Path write(Path dir) {
        Path tokenizer = dir.resolveSibling(dir.getFileName() + "-tokenizer");
        TrainedBpe bpe = BpeTrainer.sentencePiece(330).train(List.of("hello world", "the quick brown fox jumps"));
        bpe.write(tokenizer);
        LlamaConfig config = new LlamaConfig(
                "llama",
                bpe.size() + PADDING_ROWS,
                16,
                32,
                2,
                4,
                2,
                4,
                96,
                10_000,
                new RopeScaling.None(),
                1e-5,
                false,
                false,
                false,
                false,
                List.of(bpe.endId()));
        try (EngineThread engine = EngineThread.start(EngineSettings.cpu("teacher-writer", 1))) {
            engine.call(open -> {
                Decoder decoder = Decoder.random(open, config, 5);
                ModelDirectory.write(
                        dir,
                        config,
                        GenerationConfig.plain(config.eosIds()),
                        decoder.weights().infos(),
                        decoder.weights()::bytes,
                        tokenizer,
                        DataType.F32);
                decoder.close();
                return true;
            });
        }
        return dir;
    }
}
