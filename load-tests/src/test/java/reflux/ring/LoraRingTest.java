// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static reflux.ring.Ring.await;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.LearnerService;
import reflux.learner.RunSummary;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Lora;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Runs that train, publish and keep an adapter only. */
@Timeout(240)
class LoraRingTest {
    private static final String LORA = "\"use_peft\": true, \"lora_r\": 4, \"lora_dropout\": 0.1,"
            + " \"gradient_checkpointing\": true, \"save_total_limit\": 0, \"learning_rate\": 0.01";

    @TempDir
    Path folder;

    private Ring ring;

    @BeforeEach
    void open() throws Exception {
        ring = new Ring(folder);
    }

    @AfterEach
    void close() throws Exception {
        ring.close();
    }

    @Test
    void adapterRun_leavesAnAdapterAndTheMergedStudent() throws Exception {
        RunSummary summary =
                await(ring.learner("run", "{\"max_steps\": 8, " + LORA + "}").completion());

        assertThat(summary.completed()).isTrue();
        assertThat(summary.stalenessMax()).isLessThanOrEqualTo(2);
        assertThat(summary.lost()).isZero();
        assertMergedIsBaseAndAdapter(
                folder.resolve("student"), ring.output("run").resolve("adapter"), Path.of(summary.studentDir()));
        Path checkpoint = ring.output("run").resolve("checkpoint-8");
        assertThat(checkpoint.resolve("adapter_model.safetensors")).exists();
        assertThat(checkpoint.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void generatorReplacedAndRunResumed_goOnWithBaseAndAdapter() throws Exception {
        LearnerService first = ring.learner("run", "{\"max_steps\": 6, \"save_steps\": 3, " + LORA + "}");
        RunSummary half = await(first.completion());
        await(first.close());
        ring.replaceGenerator();
        Path older = ring.output("run").resolve("checkpoint-3");

        RunSummary whole = await(ring.learner("run", "{\"max_steps\": 10, \"resume\": \"" + older + "\", " + LORA + "}")
                .completion());

        assertThat(half.completed()).isTrue();
        assertThat(whole.completed()).isTrue();
        assertThat(whole.steps()).isEqualTo(10);
        assertThat(whole.stalenessMax()).isLessThanOrEqualTo(2);
        assertThat(whole.lost()).isZero();
    }

    @Test
    void accumulatedBatches_makeOneStep() throws Exception {
        RunSummary summary = await(ring.learner("run", "{\"max_steps\": 3, \"gradient_accumulation_steps\": 2}")
                .completion());

        assertThat(summary.completed()).isTrue();
        assertThat(summary.steps()).isEqualTo(3);
        assertThat(summary.rolloutsTrained()).isEqualTo(2 * 8 * 3);
        assertThat(Files.readAllLines(ring.output("run").resolve("metrics.jsonl")))
                .hasSize(3);
    }

    private static void assertMergedIsBaseAndAdapter(Path base, Path adapter, Path merged) {
        ModelDirectory directory = ModelDirectory.open(base);
        AdapterDirectory stored = AdapterDirectory.open(adapter);
        assertThat(stored.config().rank()).isEqualTo(4);
        assertThat(stored.baseModel()).isEqualTo(base.toString());
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("ring-lora-test", 1))) {
            thread.call(engine -> {
                try (TensorSource weights = directory.openWeights();
                        TensorSource tensors = stored.openWeights();
                        Decoder expected = Lora.merged(
                                engine, directory.config(), weights, stored.config(), tensors, DataType.F32);
                        Decoder plain = Decoder.load(engine, directory, DataType.F32);
                        Decoder found = Decoder.load(engine, ModelDirectory.open(merged), DataType.F32)) {
                    double change = 0;
                    for (TensorInfo info : expected.weights().infos()) {
                        float[] values = expected.weights().get(info.name()).floats();
                        float[] before = plain.weights().get(info.name()).floats();
                        assertThat(found.weights().get(info.name()).floats())
                                .as(info.name())
                                .containsExactly(values, within(1e-6f));
                        for (int i = 0; i < values.length; i++) {
                            change = Math.max(change, Math.abs(values[i] - before[i]));
                        }
                    }
                    assertThat(change).isGreaterThan(1e-4);
                }
                return true;
            });
        }
    }
}
