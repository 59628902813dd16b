// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.KvCache;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;

/**
 * Sequences that grow by a token a step, the likeliest; row i is i tokens shorter than the first. Confined to its engine thread.
 */
final class Decoding implements AutoCloseable {
    private static final int STEPS = 16;
    private static final long SEED = 4;

    private final Engine engine;
    private final Decoder decoder;
    private final Scope scope;
    private final Script script;
    private final KvCache cache;
    private final int context;
    private final int[] slots;
    private final int[] first;

    /** Prompts of random tokens that leave room for the steps within the model's context. */
    Decoding(Engine engine, ModelDirectory model, DataType type, int rows, int context) {
        this.engine = engine;
        this.context = Math.min(context, model.config().contextLength() - STEPS);
        this.decoder = Decoder.load(engine, model, type);
        this.scope = engine.scope().child();
        this.script = Script.load(engine, Decoding.class, "bench.py");
        this.cache = decoder.cache(scope, rows, this.context + STEPS);
        this.slots = IntStream.range(0, rows).toArray();
        Random random = new Random(SEED);
        List<int[]> prompts = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            prompts.add(
                    random.ints(length(row), 0, model.config().vocabularySize()).toArray());
        }
        try (Scope once = scope.child()) {
            this.first = chosen(once, decoder.prefill(once, cache, slots, TokenBatch.of(prompts)));
        }
    }

    int context() {
        return context;
    }

    private int length(int row) {
        return Math.max(1, context - row);
    }

    /** Tokens for each second, of all rows together. */
    double measure() {
        double seconds = Alternation.seconds(this::steps);
        return (double) STEPS * slots.length / seconds;
    }

    private void steps() {
        int[] ids = first;
        int[] positions = new int[slots.length];
        for (int step = 0; step < STEPS; step++) {
            for (int row = 0; row < positions.length; row++) {
                positions[row] = length(row) + step;
            }
            try (Scope once = engine.scope().child()) {
                ids = chosen(once, decoder.step(once, cache, slots, positions, ids));
            }
        }
    }

    private int[] chosen(Scope once, Tensor logits_BV) {
        return Arrays.stream(script.call(once, "greedy", logits_BV).longs())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Override
    public void close() {
        scope.close();
        script.close();
        decoder.close();
    }
}
