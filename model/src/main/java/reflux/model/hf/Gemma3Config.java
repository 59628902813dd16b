// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * Gemma 3 (text): local and global layers with rotary bases of their own, norms before and after each block, scaled embeddings.
 *
 * @param headSize width of one head
 * @param ropeTheta rotary base of the global layers, which alone are scaled
 * @param localRopeTheta rotary base of the local layers
 * @param queryScalar {@code query_pre_attn_scalar}: scores are divided by its root
 * @param normEpsilon of the RMS norms
 */
public record Gemma3Config(
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headSize,
        int contextLength,
        double ropeTheta,
        RopeScaling ropeScaling,
        double localRopeTheta,
        int queryScalar,
        double normEpsilon,
        boolean tiedHead,
        List<Integer> eosIds,
        LocalAttention local)
        implements DecoderConfig {
    public Gemma3Config {
        Sizes.requireAtLeastOne("vocab_size", vocabularySize);
        Sizes.requireAtLeastOne("hidden_size", hiddenSize);
        Sizes.requireAtLeastOne("intermediate_size", intermediateSize);
        Sizes.requireAtLeastOne("num_hidden_layers", layers);
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        Sizes.requireAtLeastOne("num_key_value_heads", keyValueHeads);
        Sizes.requireAtLeastOne("head_dim", headSize);
        Sizes.requireAtLeastOne("max_position_embeddings", contextLength);
        Sizes.requireAtLeastOne("query_pre_attn_scalar", queryScalar);
        Sizes.requireMultiple("num_attention_heads", heads, "num_key_value_heads", keyValueHeads);
        Sizes.requireMultiple("head_dim", headSize, "2", 2);
        eosIds = List.copyOf(eosIds);
    }

    @Override
    public String family() {
        return "gemma3_text";
    }

    @Override
    public Gemma3Config withEosIds(List<Integer> ids) {
        return new Gemma3Config(
                vocabularySize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                keyValueHeads,
                headSize,
                contextLength,
                ropeTheta,
                ropeScaling,
                localRopeTheta,
                queryScalar,
                normEpsilon,
                tiedHead,
                ids,
                local);
    }
}
