// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.ledger.Sample;
import reflux.learner.objective.Objective;
import reflux.learner.objective.Terms;
import reflux.learner.objective.TestSettings;
import reflux.learner.rollout.TeacherHead;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.text.TextTokenizer;

/** Whole steps of a student and of a teacher with rows of padding in their (tied) heads, against the same without. */
class PaddedStudentTest {
    private static final String HEAD = "transformer.wte.weight";
    private static final int WIDTH = 16;
    private static final int PADDING = 9;

    @TempDir
    static Path folder;

    private static EngineThread thread;
    private static ModelDirectory plain;
    private static ModelDirectory padded;
    private static TextTokenizer tokenizer;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("padded-student", 1));
        ModelDirectory origin = TinyRun.student(folder);
        tokenizer = origin.openTokenizer();
        int ids = tokenizer.vocabulary().size();
        thread.call(engine -> {
            try (Decoder decoder = Decoder.random(engine, config(ids + PADDING), 3)) {
                padded = written("padded", ids + PADDING, decoder);
                plain = written("plain", ids, decoder);
            }
            return 0;
        });
    }

    @AfterAll
    static void stop() {
        tokenizer.close();
        thread.close();
    }

    private static Gpt2Config config(int rows) {
        return new Gpt2Config(rows, WIDTH, 32, 2, 2, 48, 1e-5, "gelu_new", true, List.of(0));
    }

    /** The decoder with the first rows of its head. */
    private static ModelDirectory written(String name, int rows, Decoder decoder) {
        List<TensorInfo> infos = decoder.weights().infos().stream()
                .map(info -> info.name().equals(HEAD)
                        ? TensorInfo.of(HEAD, info.type(), List.of((long) rows, (long) WIDTH))
                        : info)
                .toList();
        ModelDirectory.write(
                folder.resolve(name),
                config(rows),
                GenerationConfig.plain(List.of(0)),
                infos,
                tensor -> {
                    ByteBuffer all = decoder.weights().bytes(tensor);
                    return tensor.equals(HEAD) ? all.slice(0, 4 * rows * WIDTH).order(all.order()) : all;
                },
                folder.resolve("tokenizer"),
                DataType.F32);
        return ModelDirectory.open(folder.resolve(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dskd-v2", "vanilla-kd", "uld", "sft"})
    void paddingRows_changeNothingAndAreNotTrained(String objective) {
        List<Sample> batch = TinyRun.batch(6, tokenizer);
        thread.call(engine -> {
            Result without = run(engine, plain, 0, objective, batch);
            Result with = run(engine, padded, PADDING, objective, batch);

            assertThat(with.terms().loss())
                    .isPositive()
                    .isCloseTo(without.terms().loss(), within(1e-5));
            int real = without.head().length;
            assertThat(Arrays.copyOf(with.head(), real)).containsExactly(without.head(), within(1e-6f));
            assertThat(Arrays.copyOfRange(with.head(), real, with.head().length))
                    .containsOnly(0);
            assertThat(with.head()).hasSize(real + PADDING * WIDTH);
            return 0;
        });
    }

    private record Result(Terms terms, float[] head) {}

    private static Result run(
            Engine engine, ModelDirectory student, int teacherPadding, String objective, List<Sample> batch) {
        double kdRatio = objective.equals("sft") ? 0 : 0.5;
        StepSettings settings = new StepSettings(
                Objective.of(TestSettings.with("objective", objective, "kd_ratio", kdRatio)),
                AlignmentMethod.BYTES,
                TinyRun.settings(1, 1, 1).optimiser(),
                TinyRun.settings(1, 1, 1).schedule(),
                1,
                10_000,
                0,
                true);
        try (TrainingStep step = TrainingStep.open(engine, student, tokenizer, teacher(teacherPadding), settings)) {
            Terms terms = step.accumulate(batch);
            return new Result(terms, step.student().headParameter().gradient().floats());
        }
    }

    /** Random rows, those of padding large. */
    private static TeacherHead teacher(int padding) {
        int ids = tokenizer.vocabulary().size();
        Random random = new Random(17);
        ByteBuffer rows = ByteBuffer.allocate(4 * (ids + padding) * WIDTH).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < (ids + padding) * WIDTH; i++) {
            rows.putFloat((float) random.nextGaussian() * (i < ids * WIDTH ? 0.02f : 1));
        }
        return new TeacherHead(
                "0".repeat(64),
                DataType.F32,
                ids + padding,
                WIDTH,
                rows.flip(),
                tokenizer.vocabulary(),
                Optional.empty());
    }
}
