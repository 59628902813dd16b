// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Objective;
import reflux.learner.objective.ObjectiveLoss;
import reflux.learner.objective.TestSettings;
import reflux.learner.rollout.TeacherHead;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.LearningRate;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.TextTokenizer;

/** Objectives with what they need of the wire, through whole steps of a small student. */
class ObjectiveTrainingTest {
    @TempDir
    static Path folder;

    private static EngineThread thread;
    private static ModelDirectory student;
    private static TextTokenizer tokenizer;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("objective-training", 1));
        student = TinyRun.student(folder);
        tokenizer = student.openTokenizer();
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @CsvSource({"dskd, s2t_kd", "dskd, t2s_ce", "dskd-cma, s2t_kd", "dskd-cma, t2s_ce", "minillm, single_step"})
    void sameBatchAgainAndAgain_lowersTheTermAndLeavesNoTensorBehind(String objective, String term) {
        List<Sample> batch = TinyRun.batch(6, tokenizer);
        thread.call(engine -> {
            try (TrainingStep step = open(engine, objective)) {
                double first = step.train(batch, 0).terms().value(term);
                long tensors = engine.openTensors();
                double last = first;
                for (int i = 1; i < 25; i++) {
                    last = step.train(batch, i).terms().value(term);
                }
                assertThat(last).isLessThan(0.95 * first);
                assertThat(engine.openTensors()).isEqualTo(tensors);
            }
            return 0;
        });
    }

    @Test
    void logProbabilitiesAlone_reinforceWhatTheTeacherLikes() {
        List<Sample> batch = new ArrayList<>();
        List<Sample> samples = TinyRun.batch(2, tokenizer);
        batch.add(scored(samples.get(0), -1));
        batch.add(scored(samples.get(1), -9));
        thread.call(engine -> {
            try (TrainingStep step = open(engine, "iw-opd")) {
                double first = step.train(batch, 0).loss();
                double last = first;
                for (int i = 1; i < 8; i++) {
                    last = step.train(batch, i).loss();
                }
                assertThat(last).isLessThan(first);
            }
            return 0;
        });
    }

    @Test
    void checkpoint_bringsTheProjectorsBack() {
        List<Sample> batch = TinyRun.batch(3, tokenizer);
        thread.call(engine -> {
            try (TrainingStep trained = open(engine, "dskd-cma");
                    TrainingStep anew = open(engine, "dskd-cma");
                    TrainingStep other = open(engine, "dskd")) {
                trained.train(batch, 0);

                anew.loss().restore(new Saved(trained.loss()));

                for (int i = 0; i < 6; i++) {
                    Parameter own = trained.loss().parameters().get(i);
                    Parameter back = anew.loss().parameters().get(i);
                    assertThat(back.name()).isEqualTo(own.name());
                    assertThat(back.value().floats()).isEqualTo(own.value().floats());
                }
                assertThatThrownBy(() -> anew.loss().restore(new Saved(other.loss())))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("dskd.query.weight");
            }
            return 0;
        });
    }

    private static TrainingStep open(Engine engine, String objective) {
        TeacherHead plain = TinyRun.teacher(student, tokenizer.vocabulary());
        TeacherHead teacher = new TeacherHead(
                plain.fingerprint(),
                plain.type(),
                plain.rows(),
                plain.width(),
                plain.weights(),
                plain.vocabulary(),
                objective.equals("dskd-cma") ? Optional.of(plain.weights()) : Optional.empty());
        StepSettings settings = new StepSettings(
                Objective.of(TestSettings.with("objective", objective)),
                AlignmentMethod.BYTES,
                new StepSettings.Optimiser(2e-3, 1e-2, 0.01, 0.9, 0.999, 1e-8),
                LearningRate.constant(0),
                1,
                60,
                0,
                false);
        return TrainingStep.open(engine, student, tokenizer, teacher, settings);
    }

    /** The sample with one log-probability from the teacher for all its tokens, and one from the sampler. */
    private static Sample scored(Sample sample, float teacher) {
        int count = sample.tokens().size();
        Sample.Score score = new Sample.Score(
                sample.score().tokens(),
                sample.score().ends(),
                sample.score().coveredBytes(),
                Map.of(ScoreTensor.LOG_PROBS, new ScoreTensor(DataType.F32, count, 1, floats(count, teacher))));
        return new Sample(
                sample.admitted(),
                sample.tokens(),
                floats(count, -5),
                sample.behaviourLogProbs(),
                sample.oldestVersion(),
                sample.promptTokens(),
                sample.finish(),
                sample.response(),
                score);
    }

    private static ByteBuffer floats(int count, float value) {
        ByteBuffer floats = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            floats.putFloat(value);
        }
        return floats.flip();
    }

    /** The tensors of a loss as a checkpoint has them. */
    private record Saved(ObjectiveLoss loss) implements TensorSource {
        @Override
        public List<TensorInfo> tensors() {
            return loss.infos();
        }

        @Override
        public boolean has(String name) {
            return loss.infos().stream().anyMatch(info -> info.name().equals(name));
        }

        @Override
        public TensorInfo info(String name) {
            return loss.infos().stream()
                    .filter(info -> info.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public ByteBuffer bytes(String name) {
            return loss.bytes(name);
        }

        @Override
        public ByteBuffer bytes(String name, long offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
