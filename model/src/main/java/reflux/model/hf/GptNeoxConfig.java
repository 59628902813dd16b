// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * GPT-NeoX (Pythia): rotary positions on the first part of each head, attention and MLP side by side.
 *
 * @param rotarySize features of a head that turn
 * @param normEpsilon of the layer norms
 * @param activation gelu, gelu_new or gelu_pytorch_tanh (the same function as gelu_new)
 * @param isParallel whether the MLP reads the layer's input and not what attention made of it
 * @param attentionBias biases on both matrices of attention
 */
public record GptNeoxConfig(
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int contextLength,
        int rotarySize,
        double ropeTheta,
        RopeScaling ropeScaling,
        double normEpsilon,
        String activation,
        boolean isParallel,
        boolean attentionBias,
        boolean tiedHead,
        List<Integer> eosIds)
        implements DecoderConfig {
    public GptNeoxConfig {
        Sizes.requireAtLeastOne("vocab_size", vocabularySize);
        Sizes.requireAtLeastOne("hidden_size", hiddenSize);
        Sizes.requireAtLeastOne("intermediate_size", intermediateSize);
        Sizes.requireAtLeastOne("num_hidden_layers", layers);
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        Sizes.requireAtLeastOne("max_position_embeddings", contextLength);
        Sizes.requireMultiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        if (rotarySize < 2 || rotarySize % 2 != 0 || rotarySize > hiddenSize / heads) {
            throw new IllegalArgumentException(
                    "rotary_pct must turn an even part of a head of " + hiddenSize / heads + ", was " + rotarySize);
        }
        if (!List.of("gelu_new", "gelu_pytorch_tanh", "gelu").contains(activation)) {
            throw new IllegalArgumentException(
                    "hidden_act must be gelu, gelu_new or gelu_pytorch_tanh, was " + activation);
        }
        eosIds = List.copyOf(eosIds);
    }

    @Override
    public String family() {
        return "gpt_neox";
    }

    @Override
    public GptNeoxConfig withEosIds(List<Integer> ids) {
        return new GptNeoxConfig(
                vocabularySize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                contextLength,
                rotarySize,
                ropeTheta,
                ropeScaling,
                normEpsilon,
                activation,
                isParallel,
                attentionBias,
                tiedHead,
                ids);
    }
}
