// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * How many numbers a model is made of.
 *
 * @param parameters all weights, a tied head counted once
 * @param readByStep the weights that a decoding step reads in full: all but a table of input embeddings that is not the head too
 */
record ModelSize(long parameters, long readByStep) {
    static ModelSize of(ModelDirectory model) {
        try (TensorSource weights = model.openWeights()) {
            long all = weights.tensors().stream().mapToLong(TensorInfo::count).sum();
            boolean hasOwnHead = !model.config().tiedHead();
            long table = (long) model.config().vocabularySize() * model.config().hiddenSize();
            return new ModelSize(all, hasOwnHead ? all - table : all);
        }
    }
}
