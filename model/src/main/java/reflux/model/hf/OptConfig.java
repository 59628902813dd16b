// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * OPT: learned positions, layer norms before each block, a two-matrix MLP with ReLU. Without the 350m model's own ways.
 *
 * @param innerSize {@code ffn_dim}
 */
public record OptConfig(
        int vocabularySize,
        int hiddenSize,
        int innerSize,
        int layers,
        int heads,
        int contextLength,
        boolean tiedHead,
        List<Integer> eosIds)
        implements DecoderConfig {
    public OptConfig {
        Sizes.requireAtLeastOne("vocab_size", vocabularySize);
        Sizes.requireAtLeastOne("hidden_size", hiddenSize);
        Sizes.requireAtLeastOne("ffn_dim", innerSize);
        Sizes.requireAtLeastOne("num_hidden_layers", layers);
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        Sizes.requireAtLeastOne("max_position_embeddings", contextLength);
        Sizes.requireMultiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        eosIds = List.copyOf(eosIds);
    }

    @Override
    public String family() {
        return "opt";
    }

    @Override
    public OptConfig withEosIds(List<Integer> ids) {
        return new OptConfig(vocabularySize, hiddenSize, innerSize, layers, heads, contextLength, tiedHead, ids);
    }
}
