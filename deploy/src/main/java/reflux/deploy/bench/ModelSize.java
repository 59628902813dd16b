// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.List;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * How many numbers a model is made of.
 *
 * @param parameters all weights, a tied head counted once
 * @param readByStep the weights that a decoding step reads in full: all but a table of input embeddings that is not the head too
 * @param inLayers all but input embeddings and head
 * @param inner the largest size of a layer's matrices besides the hidden size
 */
public record ModelSize(long parameters, long readByStep, long inLayers, int inner) {
    private static final long LEAST_OF_GOALS = 100_000_000;
    private static final long MOST_OF_GOALS = 200_000_000;

    /** Whether goals, which are stated for a model of 135 million parameters, say anything of one of this size. */
    boolean hasGoals() {
        return parameters >= LEAST_OF_GOALS && parameters <= MOST_OF_GOALS;
    }

    public static ModelSize of(ModelDirectory model) {
        long table = (long) model.config().vocabularySize() * model.config().hiddenSize();
        try (TensorSource weights = model.openWeights()) {
            List<TensorInfo> infos = weights.tensors();
            long parameters = infos.stream().mapToLong(TensorInfo::count).sum();
            long tables = model.config().tiedHead() ? 1 : 2;
            long inner = infos.stream()
                    .filter(info -> info.shape().size() == 2 && info.count() < table)
                    .flatMap(info -> info.shape().stream())
                    .mapToLong(Long::longValue)
                    .max()
                    .orElse(model.config().hiddenSize());
            return new ModelSize(
                    parameters, parameters - (tables - 1) * table, parameters - tables * table, Math.toIntExact(inner));
        }
    }
}
