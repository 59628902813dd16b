// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * How fast this engine multiplies matrices: the fastest of its kernels on the largest product of a model's layers and on a big square
 * one. On a CPU without instructions for bf16 the operands are multiplied in f32. Confined to its engine thread.
 */
final class GemmRate implements AutoCloseable {
    private static final int SQUARE = 2048;
    private static final int TRIALS = 3;
    private static final double FLOPS_AT_ONCE = 5e10;

    /** A kernel on a shape: w [N, K] as that kernel wants it. */
    private record Candidate(String method, String name, Tensor x_MK, Tensor w_NK, double flops) {
        long times() {
            return Math.max(1, Math.round(FLOPS_AT_ONCE / flops));
        }
    }

    private final Scope scope;
    private final Script script;
    private final Candidate fastest;
    private final Map<String, String> found = new LinkedHashMap<>();

    /** @param rows M of the model's product, whose K is the width and whose N the inner size */
    GemmRate(Engine engine, DataType type, int rows, int width, int inner) {
        this.scope = engine.scope().child();
        this.script = Script.load(engine, GemmRate.class, "bench.py");
        List<Candidate> candidates = new ArrayList<>();
        boolean isWidened = type == DataType.BF16 && !engine.multipliesBf16();
        addCandidates(candidates, type, isWidened, rows, width, inner);
        addCandidates(candidates, type, isWidened, SQUARE, SQUARE, SQUARE);
        Candidate best = candidates.get(0);
        double bestRate = 0;
        for (Candidate candidate : candidates) {
            double rate = median(candidate);
            found.put(candidate.name(), String.format(Locale.ROOT, "%.0f GFLOP/s", rate / 1e9));
            if (rate > bestRate) {
                best = candidate;
                bestRate = rate;
            }
        }
        this.fastest = best;
    }

    private void addCandidates(List<Candidate> candidates, DataType type, boolean isWidened, long m, long k, long n) {
        Tensor x = script.call(scope, "random", new long[] {m, k}, type.torchCode());
        Tensor w = script.call(scope, "random", new long[] {n, k}, type.torchCode());
        String shape = " [" + m + ", " + k + "] x [" + k + ", " + n + "]";
        double flops = 2.0 * m * k * n;
        if (isWidened) {
            candidates.add(new Candidate("widened_linear", "bf16 operands multiplied in f32" + shape, x, w, flops));
            return;
        }
        Tensor laidOut = script.call(scope, "laid_out", w, m);
        candidates.add(new Candidate("torch_linear", "torch" + shape, x, w, flops));
        candidates.add(new Candidate("onednn_linear", "oneDNN" + shape, x, laidOut, flops));
    }

    private double median(Candidate candidate) {
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < TRIALS; i++) {
            rates.add(rate(candidate));
        }
        return Measurement.median(rates);
    }

    private double rate(Candidate candidate) {
        double seconds = Alternation.seconds(() -> {
            try (Scope once = scope.child()) {
                script.call(once, candidate.method(), candidate.x_MK(), candidate.w_NK(), candidate.times());
            }
        });
        return candidate.flops() * candidate.times() / seconds;
    }

    /** FLOP/s of the fastest. */
    double measure() {
        return rate(fastest);
    }

    /** Which is the limit, and what the others reached before. */
    Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("limit", "GEMM: " + fastest.name());
        found.forEach((name, rate) -> details.put("GEMM " + name, rate));
        return details;
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
