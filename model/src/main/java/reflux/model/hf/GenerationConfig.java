// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * Sampling defaults of a model, from {@code generation_config.json}.
 *
 * @param temperature 1 = the policy itself, 0 = greedy, also where a file says {@code do_sample: false}. A file without do_sample
 *     means sampling here; transformers would be greedy
 * @param topK 0 = all tokens. A file without it means 0 here; transformers would take 50
 * @param topP 1 = all tokens
 * @param maxNewTokens 0 = not said
 * @param eosIds ids that end a response; may be empty
 */
public record GenerationConfig(double temperature, int topK, double topP, int maxNewTokens, List<Integer> eosIds) {
    public GenerationConfig {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature must be >= 0, was " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top_k must be >= 0, was " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top_p must be in (0, 1], was " + topP);
        }
        if (maxNewTokens < 0) {
            throw new IllegalArgumentException("max_new_tokens must be >= 0, was " + maxNewTokens);
        }
        eosIds = List.copyOf(eosIds);
    }

    /** Plain sampling from the policy. */
    public static GenerationConfig plain(List<Integer> eosIds) {
        return new GenerationConfig(1, 0, 1, 0, eosIds);
    }
}
