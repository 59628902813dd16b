// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.ledger.Sample;
import reflux.learner.publish.WeightSnapshot;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.LoraConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.text.TextTokenizer;

/** Steps that train an adapter. Seeds 6 and 42. */
class LoraStepTest {
    private static final LoraConfig LORA = new LoraConfig(4, 8, 0.2, List.of(LoraConfig.ALL_LINEAR), true);

    @TempDir
    static Path folder;

    private static ModelDirectory student;
    private static TextTokenizer tokenizer;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        student = TinyRun.student(folder);
        tokenizer = student.openTokenizer();
        thread = EngineThread.start(EngineSettings.cpu("lora-step-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
        tokenizer.close();
    }

    @Test
    void training_changesTheAdapterOnlyAndLowersTheLoss() {
        List<Sample> batch = TinyRun.batch(6, tokenizer);
        run(0.5, 10_000, false, step -> {
            Map<String, float[]> base = values(step.student());
            double first = step.train(batch, 0).loss();
            for (int i = 1; i < 40; i++) {
                step.train(batch, i);
            }
            assertThat(step.train(batch, 40).loss()).isLessThan(first);
            assertThat(values(step.student()))
                    .allSatisfy((name, values) -> assertThat(values).isEqualTo(base.get(name)));
            assertThat(step.optimiser().state().keySet())
                    .allMatch(name -> name.contains(".lora_") || !name.startsWith("base_model"))
                    .noneMatch(name -> name.startsWith("transformer."));
            return true;
        });
    }

    @Test
    void snapshot_isTheAdapterWithItsBase() {
        WeightSnapshot snapshot = run(1, 10_000, false, step -> step.snapshot(3));

        assertThat(snapshot.tensors())
                .extracting(TensorInfo::name)
                .contains("base_model.model.transformer.h.0.mlp.c_fc.lora_B.weight")
                .hasSize(2 * 4 * 2);
        WeightSnapshot.AdapterOf adapter = snapshot.adapter().orElseThrow();
        assertThat(adapter.config()).isEqualTo(LORA);
        assertThat(adapter.baseFingerprint()).hasSize(64);
    }

    @Test
    void splitOrRecomputed_stepsAlike() {
        List<Sample> batch = TinyRun.batch(6, tokenizer);
        Map<String, double[]> whole = run(0.5, 10_000, false, step -> trained(step, batch));
        Map<String, double[]> split = run(0.5, 30, false, step -> trained(step, batch));
        Map<String, double[]> recomputed = run(0.5, 30, true, step -> trained(step, batch));

        whole.forEach((name, values) -> {
            assertThat(split.get(name)).as(name).containsExactly(values, within(2e-5));
            assertThat(recomputed.get(name)).as(name).containsExactly(split.get(name), within(1e-6));
        });
    }

    /** What three steps made of the adapter. */
    private static Map<String, double[]> trained(TrainingStep step, List<Sample> batch) {
        for (int i = 0; i < 3; i++) {
            step.train(batch, i);
        }
        Map<String, double[]> values = new HashMap<>();
        for (Parameter parameter : step.student().weights().parameters()) {
            values.put(parameter.name(), parameter.value().doubles());
        }
        return values;
    }

    @Test
    void manySteps_leaveNoTensorBehind() {
        List<Sample> batch = TinyRun.batch(5, tokenizer);
        thread.call(engine -> {
            try (TrainingStep step = open(engine, 0.5, 40, true)) {
                step.train(batch, 0);
                long before = engine.openTensors();
                for (int i = 1; i < 6; i++) {
                    step.train(batch, i);
                }
                assertThat(engine.openTensors()).isEqualTo(before);
            }
            return true;
        });
    }

    @Test
    void storedAdapterOfAnotherBaseOrShape_isRefused() {
        Path stored = folder.resolve("stored");
        run(1, 10_000, false, step -> {
            step.trained().write(stored, student);
            return true;
        });
        AdapterDirectory adapter = AdapterDirectory.open(stored);
        assertThat(adapter.baseModel()).isEqualTo(student.path().toString());
        LoraConfig other = new LoraConfig(5, 8, 0.2, List.of(LoraConfig.ALL_LINEAR), true);
        ModelDirectory another = TinyRun.student(folder.resolve("another"), 7);
        assertThatThrownBy(() -> thread.call(
                        engine -> TrainableStudent.adapted(engine, student, other, Optional.of(adapter), 42, false)))
                .hasMessageContaining("the configuration asks for");
        assertThatThrownBy(() -> thread.call(
                        engine -> TrainableStudent.adapted(engine, another, LORA, Optional.of(adapter), 42, false)))
                .hasMessageContaining("belongs to the weights of " + student.path());
    }

    private static Map<String, float[]> values(Decoder decoder) {
        Map<String, float[]> values = new HashMap<>();
        decoder.weights()
                .infos()
                .forEach(info -> values.put(
                        info.name(), decoder.weights().get(info.name()).floats()));
        return values;
    }

    private static <T> T run(double kdRatio, int tokenBudget, boolean isRecomputing, Function<TrainingStep, T> work) {
        return thread.call(engine -> {
            try (TrainingStep step = open(engine, kdRatio, tokenBudget, isRecomputing)) {
                return work.apply(step);
            }
        });
    }

    private static TrainingStep open(Engine engine, double kdRatio, int tokenBudget, boolean isRecomputing) {
        return TrainingStep.open(
                engine,
                TrainableStudent.adapted(engine, student, LORA, Optional.empty(), 42, isRecomputing),
                tokenizer,
                TinyRun.teacher(student, tokenizer.vocabulary()),
                TinyRun.settings(kdRatio, tokenBudget, 100));
    }
}
