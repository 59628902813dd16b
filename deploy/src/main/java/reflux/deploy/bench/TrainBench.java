// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import reflux.learner.objective.ObjectiveSettings;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.MatmulPrecision;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;

/**
 * A step of a run: forward, the objective's loss, backward, clipping, AdamW; in f32, and with linear maps in bf16 where the CPU
 * multiplies it. Beside it the engine's f32 products.
 */
public final class TrainBench implements Bench {
    private static final Goal GOAL = Goal.atLeast(0.5);

    private final String name;
    private final String objective;

    private TrainBench(String name, String objective) {
        this.name = name;
        this.objective = objective;
    }

    /** Dual-space distillation, whose loss multiplies with the head ten times a token. */
    public static TrainBench distilling() {
        return new TrainBench("train", ObjectiveSettings.defaults().objective());
    }

    /** Cross-entropy with given responses, which multiplies with the head three times: what other trainers do in a step. */
    public static TrainBench supervised() {
        return new TrainBench("train-sft", TrainingBatch.SUPERVISED);
    }

    @Override
    public List<Measurement> run(BenchSettings settings) {
        List<Measurement> found = new ArrayList<>();
        for (MatmulPrecision precision : List.of(MatmulPrecision.MEDIUM, MatmulPrecision.BF16_TRAINING)) {
            EngineSettings engine =
                    EngineSettings.cpu("bench", settings.threads()).withMatmulPrecision(precision);
            try (EngineThread thread = EngineThread.start(engine)) {
                thread.call(opened -> hasMeaning(opened, precision)
                                ? Optional.of(measure(opened, settings, precision))
                                : Optional.<Measurement>empty())
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    /** Where no instruction multiplies bf16, rounding to it only costs time. */
    private static boolean hasMeaning(Engine engine, MatmulPrecision precision) {
        return precision != MatmulPrecision.BF16_TRAINING || engine.multipliesBf16();
    }

    private Measurement measure(Engine engine, BenchSettings settings, MatmulPrecision precision) throws Exception {
        ModelDirectory model = ModelDirectory.open(settings.model());
        ModelSize size = ModelSize.of(model);
        try (TextTokenizer tokenizer = model.openTokenizer();
                TrainingStep step = TrainingBatch.open(engine, model, tokenizer, objective);
                GemmRate gemm = new GemmRate(
                        engine,
                        DataType.F32,
                        TrainingBatch.TOKENS,
                        model.config().hiddenSize(),
                        size.inner())) {
            TrainingBatch batch = TrainingBatch.of(model, tokenizer, objective);
            long[] steps = new long[1];
            Alternation rounds = Alternation.run(
                    settings.seconds(),
                    () -> batch.inputTokens() / Alternation.seconds(() -> step.train(batch.samples(), steps[0]++)),
                    gemm::measure);
            double perToken = 6.0 * size.parameters();
            Map<String, String> details = new LinkedHashMap<>(gemm.details());
            details.put("shape", batch.description());
            details.put("matmul_precision", precision.name().toLowerCase(Locale.ROOT));
            details.put("tokens/s", String.format(Locale.ROOT, "%.0f", Measurement.median(rounds.thing())));
            details.put("FLOP a token", String.format(Locale.ROOT, "6 x %,d parameters", size.parameters()));
            List<Double> flops =
                    rounds.thing().stream().map(rate -> rate * perToken / 1e9).toList();
            List<Double> limit = rounds.limit().stream().map(rate -> rate / 1e9).toList();
            String what = name + (precision == MatmulPrecision.MEDIUM ? " f32" : " bf16_training");
            return new Measurement(what, "GFLOP/s", flops, limit, GOAL, details);
        }
    }
}
