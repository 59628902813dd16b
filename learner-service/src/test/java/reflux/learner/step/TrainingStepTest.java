// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;

class TrainingStepTest {
    @TempDir
    static Path folder;

    private final EngineThread thread = EngineThread.start(EngineSettings.cpu("training-step-test", 1));
    private static ModelDirectory student;
    private static TextTokenizer tokenizer;

    @BeforeEach
    void openStudent() {
        if (student == null) {
            student = TinyRun.student(folder);
            tokenizer = student.openTokenizer();
        }
    }

    @AfterEach
    void closeThread() {
        thread.close();
    }

    @Test
    void batchSplitOtherwise_givesTheSameStep() {
        List<Sample> batch = TinyRun.batch(7, tokenizer);

        StepResult whole = train(1, 10_000, step -> step.train(batch, 0));
        StepResult split = train(1, 30, step -> step.train(batch, 0));

        assertThat(split.loss()).isCloseTo(whole.loss(), within(1e-5));
        assertThat(split.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-5));
        assertThat(split.pairs()).isEqualTo(whole.pairs());
        assertThat(split.terms().values().keySet())
                .isEqualTo(whole.terms().values().keySet());
    }

    @Test
    void goldResponses_areLearnedBesideTheSamples() {
        List<Sample> batch = TinyRun.batch(4, tokenizer);

        StepResult mixed = train(0.5, 10_000, step -> step.train(batch, 0));

        assertThat(mixed.terms().terms().get("ce").denominator())
                .isEqualTo(4L * (tokenizer.encode("the fox").length + 1));
        assertThat(mixed.terms().value("ce")).isPositive();
        assertThat(mixed.trainedTokens())
                .isEqualTo(batch.stream()
                        .mapToLong(sample -> sample.tokens().size())
                        .sum());
    }

    @Test
    void goldResponseBeyondTheContext_isCut() {
        TrainingRow row = TrainingRow.gold(new int[] {1, 2, 3}, new int[] {4, 5, 6}, 0, 4);

        assertThat(row.labels()).isEqualTo(TokenIds.of(4, 5));
        assertThat(row.input()).isEqualTo(TokenIds.of(1, 2, 3, 4));
    }

    @Test
    void sameBatchAgainAndAgain_lowersTheDivergence() {
        List<Sample> batch = TinyRun.batch(6, tokenizer);

        List<StepResult> results = new ArrayList<>();
        train(1, 10_000, step -> {
            for (int i = 0; i < 20; i++) {
                results.add(step.train(batch, i));
            }
            return results.get(19);
        });
        StepResult first = results.get(0);
        StepResult last = results.get(19);
        assertThat(last.klPerToken()).isLessThan(0.9 * first.klPerToken());
        assertThat(last.terms().value("s2t_kd")).isLessThan(first.terms().value("s2t_kd"));
    }

    @Test
    void fedSample_isToldItsOwnTerms() {
        List<Sample> batch = new ArrayList<>(TinyRun.batch(3, tokenizer));
        batch.add(TinyRun.sample(TinyRun.admitted("mine", Origin.FEED, 3), tokenizer, 0));

        StepResult outcome = train(1, 10_000, step -> step.train(batch, 0));

        assertThat(outcome.fed()).hasSize(1);
        assertThat(outcome.fed().get(0).id()).isEqualTo("mine");
        assertThat(outcome.fed().get(0).alignRatio()).isEqualTo(1);
        assertThat(outcome.fed().get(0).klPerToken()).isPositive();
    }

    @Test
    void otherCountOfPromptTokens_isRefused() {
        Sample sample = TinyRun.batch(1, tokenizer).get(0);
        Sample other = new Sample(
                sample.admitted(),
                sample.tokens(),
                sample.logProbs(),
                sample.behaviourLogProbs(),
                0,
                sample.promptTokens() + 1,
                sample.finish(),
                sample.response(),
                sample.score());

        assertThatThrownBy(() -> train(1, 10_000, step -> step.train(List.of(other), 0)))
                .hasMessageContaining("their tokenizers or chat templates differ");
    }

    @Test
    void manySteps_leaveNoTensorBehind() {
        List<Sample> batch = TinyRun.batch(5, tokenizer);
        thread.call(engine -> {
            try (TrainingStep step = TrainingStep.open(
                    engine,
                    student,
                    tokenizer,
                    TinyRun.teacher(student, tokenizer.vocabulary()),
                    TinyRun.settings(1, 40, 10))) {
                step.train(batch, 0);
                long before = engine.openTensors();
                for (int i = 1; i < 10; i++) {
                    step.train(batch, i);
                }
                assertThat(engine.openTensors()).isEqualTo(before);
            }
            return true;
        });
    }

    private StepResult train(double kdRatio, int tokenBudget, Function<TrainingStep, StepResult> work) {
        return thread.call(engine -> {
            try (TrainingStep step = TrainingStep.open(
                    engine,
                    student,
                    tokenizer,
                    TinyRun.teacher(student, tokenizer.vocabulary()),
                    TinyRun.settings(kdRatio, tokenBudget, 100))) {
                return work.apply(step);
            }
        });
    }
}
