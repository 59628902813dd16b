// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Objective;
import reflux.learner.objective.TestSettings;
import reflux.learner.rollout.TeacherHead;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.LearningRate;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.BpeTrainer;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TrainedBpe;
import reflux.model.text.Vocabulary;

/** A random GPT-2 as student, its LM head as the teacher's too, and samples that depend on their ids alone. */
public final class TinyRun {
    private static final int WIDTH = 16;

    private TinyRun() {}

    /** Writes the student; seed 6. */
    public static ModelDirectory student(Path parent) {
        return student(parent, 6);
    }

    /** Writes a student of another seed. */
    static ModelDirectory student(Path parent, long seed) {
        TrainedBpe bpe = BpeTrainer.byteLevel(280).train(List.of("hello world", "the quick brown fox"));
        Gpt2Config config =
                new Gpt2Config(bpe.size(), WIDTH, 32, 2, 2, 48, 1e-5, "gelu_new", true, List.of(bpe.endId()));
        Path tokenizer = parent.resolve("tokenizer");
        Path model = parent.resolve("student");
        bpe.write(tokenizer);
        try (EngineThread engine = EngineThread.start(EngineSettings.cpu("tiny-student-writer", 1))) {
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
        return ModelDirectory.open(model);
    }

    /** A teacher that can say whatever the student can: it has the same head, and other states. */
    public static TeacherHead teacher(ModelDirectory student, Vocabulary vocabulary) {
        try (TensorSource weights = student.openWeights()) {
            ByteBuffer stored = weights.bytes("transformer.wte.weight");
            ByteBuffer head =
                    ByteBuffer.allocate(stored.remaining()).put(stored).flip();
            return new TeacherHead(
                    "0".repeat(64), DataType.F32, vocabulary.size(), WIDTH, head, vocabulary, Optional.empty());
        }
    }

    public static StepSettings settings(double kdRatio, int tokenBudget, int steps) {
        return new StepSettings(
                Objective.of(TestSettings.with("kd_ratio", kdRatio)),
                AlignmentMethod.BYTES,
                new StepSettings.Optimiser(2e-3, 1e-3, 0.01, 0.9, 0.999, 1e-8),
                LearningRate.cosine(0, steps, 0),
                1,
                tokenBudget,
                0,
                kdRatio < 1);
    }

    public static Admitted admitted(String id, Origin origin, long sequence) {
        return new Admitted(id, new PromptText.Text("hello " + id), "the fox", origin, sequence, 0);
    }

    /** Two to nine random tokens and the end. */
    public static Sample sample(Admitted admitted, TextTokenizer tokenizer, long version) {
        SplittableRandom random = new SplittableRandom(admitted.samplingSeed(42));
        Vocabulary vocabulary = tokenizer.vocabulary();
        int count = random.nextInt(3, 11);
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = i + 1 < count ? random.nextInt(1, vocabulary.size()) : vocabulary.endId();
        }
        Sample.Score score = new Sample.Score(
                TokenIds.of(ids),
                TokenIds.of(vocabulary.ends(ids)),
                vocabulary.spell(ids).length,
                Map.of(
                        ScoreTensor.HIDDEN,
                        new ScoreTensor(DataType.F32, count, WIDTH, noise(random.nextLong(), count * WIDTH))));
        int prompt = tokenizer.encodePrompt(admitted.prompt()).length;
        return new Sample(
                admitted,
                TokenIds.of(ids),
                ByteBuffer.allocate(4 * count),
                ByteBuffer.allocate(0),
                version,
                prompt,
                Finish.STOP,
                ByteString.copyFrom(vocabulary.spell(ids)),
                score);
    }

    public static List<Sample> batch(int size, TextTokenizer tokenizer) {
        List<Sample> batch = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            batch.add(sample(admitted("p" + i, Origin.FILE, i), tokenizer, 0));
        }
        return batch;
    }

    private static ByteBuffer noise(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer floats = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            floats.putFloat((float) (200 * (random.nextDouble() - 0.5)));
        }
        return floats.flip();
    }
}
