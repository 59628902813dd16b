// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * Llama and what is computed the same way: Mistral, Qwen2, Qwen3, SmolLM2.
 *
 * @param family llama, mistral, qwen2 or qwen3 (which norms queries and keys)
 * @param headSize width of one head; need not be {@code hiddenSize / heads}
 * @param normEpsilon of the RMS norms
 * @param attentionBias Hugging Face's {@code attention_bias}: biases on q, k, v and o projections
 * @param qkvBias biases on q, k and v projections (Qwen2; also true whenever {@code attentionBias} is)
 * @param mlpBias biases on gate, up and down projections
 * @param local the layers that attend to a window only
 */
public record LlamaConfig(
        String family,
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
        double normEpsilon,
        boolean tiedHead,
        boolean attentionBias,
        boolean qkvBias,
        boolean mlpBias,
        List<Integer> eosIds,
        LocalAttention local)
        implements DecoderConfig {
    public LlamaConfig {
        if (!List.of("llama", "mistral", "qwen2", "qwen3").contains(family)) {
            throw new IllegalArgumentException("family must be llama, mistral, qwen2 or qwen3, was " + family);
        }
        Sizes.requireAtLeastOne("vocab_size", vocabularySize);
        Sizes.requireAtLeastOne("hidden_size", hiddenSize);
        Sizes.requireAtLeastOne("intermediate_size", intermediateSize);
        Sizes.requireAtLeastOne("num_hidden_layers", layers);
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        Sizes.requireAtLeastOne("num_key_value_heads", keyValueHeads);
        Sizes.requireAtLeastOne("head_dim", headSize);
        Sizes.requireAtLeastOne("max_position_embeddings", contextLength);
        Sizes.requireMultiple("num_attention_heads", heads, "num_key_value_heads", keyValueHeads);
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("head_dim must be even, was " + headSize);
        }
        eosIds = List.copyOf(eosIds);
    }

    /** Without local layers. */
    public LlamaConfig(
            String family,
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
            double normEpsilon,
            boolean tiedHead,
            boolean attentionBias,
            boolean qkvBias,
            boolean mlpBias,
            List<Integer> eosIds) {
        this(
                family,
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
                normEpsilon,
                tiedHead,
                attentionBias,
                qkvBias,
                mlpBias,
                eosIds,
                LocalAttention.NONE);
    }

    /** Whether each head's queries and keys pass an RMS norm. */
    public boolean qkNorm() {
        return family.equals("qwen3");
    }

    @Override
    public LlamaConfig withEosIds(List<Integer> ids) {
        return new LlamaConfig(
                family,
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
                normEpsilon,
                tiedHead,
                attentionBias,
                qkvBias,
                mlpBias,
                ids,
                local);
    }
}
