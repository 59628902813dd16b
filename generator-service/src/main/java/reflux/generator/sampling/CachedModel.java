// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.List;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.KvCache;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** A model with keys and values of each rollout, at the place of the rollout's slot. Confined to the engine thread. */
final class CachedModel implements AutoCloseable {
    private final Decoder decoder;
    private final KvCache cache;

    /** Takes memory for all slots. */
    CachedModel(Engine engine, Decoder decoder, SamplerSettings settings) {
        this.decoder = decoder;
        this.cache = decoder.cache(engine.scope(), settings.slots(), settings.maxLength());
    }

    /** Reads the prompts of rollouts that enter; logits [N, V] of their first tokens. */
    Tensor prefill(Scope out, List<Rollout> entering) {
        TokenBatch prompts =
                TokenBatch.of(entering.stream().map(Rollout::prompt).toList());
        return decoder.prefill(out, cache, slotsOf(entering), prompts);
    }

    /** Reads the newest token of each rollout; logits [N, V] of their next tokens. */
    Tensor step(Scope out, List<Rollout> batch) {
        int[] positions = batch.stream().mapToInt(Rollout::lastPosition).toArray();
        int[] ids = batch.stream().mapToInt(Rollout::lastId).toArray();
        return decoder.step(out, cache, slotsOf(batch), positions, ids);
    }

    private static int[] slotsOf(List<Rollout> batch) {
        return batch.stream().mapToInt(Rollout::slot).toArray();
    }

    @Override
    public void close() {
        cache.close();
        decoder.close();
    }
}
