// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.List;
import reflux.model.text.TokenIds;

/**
 * All that a score depends on, besides the model.
 *
 * @param tokens prompt and response, end-of-sequence token included where it is scored
 * @param promptTokens P, how many of them are the prompt
 * @param asked what the score holds
 */
record ScoreKey(TokenIds tokens, int promptTokens, List<AskedPayload> asked) {

    private static final int FIXED_BYTES = 128;

    ScoreKey {
        asked = List.copyOf(asked);
        if (promptTokens < 1 || promptTokens >= tokens.size()) {
            throw new IllegalArgumentException(
                    "promptTokens must be 1 to " + (tokens.size() - 1) + ", was " + promptTokens);
        }
    }

    /** N, how many tokens are scored. */
    int responseTokens() {
        return tokens.size() - promptTokens;
    }

    /** Tokens that the model must read: the last one predicts nothing that is asked. */
    int inputTokens() {
        return tokens.size() - 1;
    }

    long weight() {
        return FIXED_BYTES + 4L * tokens.size();
    }
}
