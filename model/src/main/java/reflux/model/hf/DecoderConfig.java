// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/** The numbers of a decoder, as read from {@code config.json}. */
public sealed interface DecoderConfig permits LlamaConfig, Gemma3Config, Gpt2Config, GptNeoxConfig, OptConfig {
    /** Hugging Face's {@code model_type}. */
    String family();

    /** D, the width of hidden states. */
    int hiddenSize();

    int layers();

    int heads();

    /** V, the rows of the LM head; may be more than the tokenizer has. */
    int vocabularySize();

    /** Most positions that the model was made for. */
    int contextLength();

    /** Whether the LM head is the embedding. */
    boolean tiedHead();

    /** Ids that end a sequence; may be empty. */
    List<Integer> eosIds();

    /** The same model with other end ids. */
    DecoderConfig withEosIds(List<Integer> eosIds);
}
