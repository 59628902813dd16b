// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.Evaluation;
import reflux.model.engine.DataType;
import reflux.model.engine.MatmulPrecision;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.BpeTrainer;

/** End to end on a toy language: spell a word with spaces between its letters. */
class SupervisedTrainingTest {
    private static final List<String> WORDS = List.of("ab", "ba", "abc", "cab", "bca", "cc");

    @TempDir
    private Path directory;

    @Test
    void smallWords_areLearnedByHeart_andEvaluatedRight() throws IOException {
        Path origin = untrained("gpt2");

        SftProgress.Report last = train(config(origin, 120, DataType.F32));
        EvalReport report = evaluate(directory.resolve("trained"), directory.resolve("trained"));

        assertThat(last.validLoss()).isLessThan(0.1);
        assertThat(report.per()).isZero();
        assertThat(report.wer()).isZero();
        assertThat(report.klPerToken()).isBetween(-1e-9, 1e-9);
        assertThat(report.alignRatio()).isEqualTo(1.0);
    }

    @Test
    void savedAsBfloat16_isGoneOnFrom() throws IOException {
        train(config(untrained("llama"), 5, DataType.BF16));
        Path trained = directory.resolve("trained");
        double before = evaluateLoss(trained);

        SftProgress.Report after = train(config(trained, 40, DataType.F32));

        assertThat(ModelDirectory.open(trained).config().family()).isEqualTo("llama");
        assertThat(after.validLoss()).isLessThan(before);
    }

    @Test
    void lineWithoutResponse_isNamed() throws IOException {
        Path origin = untrained("gpt2");
        Files.writeString(directory.resolve("words.jsonl"), "{\"prompt\":\"a\"}\n");

        assertThatThrownBy(() -> train(config(origin, 1, DataType.F32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("words.jsonl:1")
                .hasMessageContaining("\"response\"");
    }

    private double evaluateLoss(Path model) {
        List<SftProgress.Report> reports = new ArrayList<>();
        new SupervisedTraining(config(model, 1e-9, DataType.F32), reports::add).run();
        return reports.get(0).validLoss();
    }

    private SftProgress.Report train(SftConfig config) {
        return new SupervisedTraining(config, report -> {}).run();
    }

    private EvalReport evaluate(Path model, Path teacher) {
        return new Evaluation(new EvalConfig(model, directory.resolve("words.jsonl"), teacher, 16, 4, 1, 2)).run();
    }

    private SftConfig config(Path model, double epochs, DataType type) {
        return new SftConfig(
                model,
                directory.resolve("trained"),
                List.of(directory.resolve("words.jsonl")),
                List.of(directory.resolve("words.jsonl")),
                epochs,
                Duration.ofMinutes(2),
                32,
                1e-2,
                5,
                0,
                1,
                3,
                1,
                MatmulPrecision.HIGHEST,
                type,
                Duration.ofMinutes(5),
                Duration.ofMinutes(5));
    }

    private Path untrained(String family) throws IOException {
        List<String> responses =
                WORDS.stream().map(word -> String.join(" ", word.split(""))).toList();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < WORDS.size(); i++) {
            lines.add("{\"prompt\":\"%s\",\"response\":\"%s\"}".formatted(WORDS.get(i), responses.get(i)));
        }
        Files.write(directory.resolve("words.jsonl"), lines);
        Path origin = directory.resolve("origin");
        BpeTrainer trainer = family.equals("llama") ? BpeTrainer.sentencePiece(266) : BpeTrainer.byteLevel(260);
        int size = write(trainer, responses, origin);
        Files.writeString(origin.resolve("config.json"), family.equals("llama") ? llama(size) : gpt2(size));
        return origin;
    }

    private static int write(BpeTrainer trainer, List<String> lines, Path origin) {
        var trained = trainer.withSplit(BpeTrainer.Split.WORDS).train(lines);
        trained.write(origin);
        return trained.size();
    }

    private static String gpt2(int vocabulary) {
        return """
                {"model_type":"gpt2","vocab_size":%d,"n_embd":32,"n_layer":2,"n_head":2,"n_positions":32,
                 "eos_token_id":0,"bos_token_id":0}""".formatted(vocabulary);
    }

    private static String llama(int vocabulary) {
        return """
                {"model_type":"llama","vocab_size":%d,"hidden_size":32,"intermediate_size":48,"num_hidden_layers":2,
                 "num_attention_heads":2,"num_key_value_heads":1,"max_position_embeddings":32,"rms_norm_eps":1e-6,
                 "tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":2}""".formatted(vocabulary);
    }
}
