// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.util.List;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Tensor;

/** Finds where the LM head's gradient goes: its own parameter, or the embedding's where the two are tied. */
public final class HeadGradient {
    private static final List<String> NAMES =
            List.of("lm_head.weight", "model.embed_tokens.weight", "transformer.wte.weight", "wte.weight");

    private HeadGradient() {}

    /** [V, D]; added to in place by whoever computes the head's share of a loss. */
    public static Tensor of(Decoder decoder) {
        List<Parameter> parameters = decoder.weights().parameters();
        for (String name : NAMES) {
            for (Parameter parameter : parameters) {
                if (parameter.name().equals(name)) {
                    return parameter.gradient();
                }
            }
        }
        throw new IllegalStateException("no parameter of the model is its LM head; looked for " + NAMES);
    }
}
