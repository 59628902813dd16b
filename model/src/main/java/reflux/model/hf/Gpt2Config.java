// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * GPT-2: learned positions, layer norms with bias, a two-matrix MLP.
 *
 * @param innerSize width of the MLP
 * @param normEpsilon of the layer norms
 * @param activation gelu_new, gelu_pytorch_tanh (the same function) or gelu
 */
public record Gpt2Config(
        int vocabularySize,
        int hiddenSize,
        int innerSize,
        int layers,
        int heads,
        int contextLength,
        double normEpsilon,
        String activation,
        boolean tiedHead,
        List<Integer> eosIds)
        implements DecoderConfig {
    public Gpt2Config {
        Sizes.requireAtLeastOne("vocab_size", vocabularySize);
        Sizes.requireAtLeastOne("n_embd", hiddenSize);
        Sizes.requireAtLeastOne("n_inner", innerSize);
        Sizes.requireAtLeastOne("n_layer", layers);
        Sizes.requireAtLeastOne("n_head", heads);
        Sizes.requireAtLeastOne("n_positions", contextLength);
        Sizes.requireMultiple("n_embd", hiddenSize, "n_head", heads);
        if (!List.of("gelu_new", "gelu_pytorch_tanh", "gelu").contains(activation)) {
            throw new IllegalArgumentException(
                    "activation_function must be gelu_new, gelu_pytorch_tanh or gelu, was " + activation);
        }
        eosIds = List.copyOf(eosIds);
    }

    @Override
    public String family() {
        return "gpt2";
    }

    @Override
    public Gpt2Config withEosIds(List<Integer> ids) {
        return new Gpt2Config(
                vocabularySize,
                hiddenSize,
                innerSize,
                layers,
                heads,
                contextLength,
                normEpsilon,
                activation,
                tiedHead,
                ids);
    }
}
