// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import reflux.model.text.PromptText;

/**
 * A prompt that waits for admission.
 *
 * @param id unique in the run
 * @param response the gold response, empty where none is known
 */
public record RolloutRequest(String id, PromptText prompt, String response, Origin origin) {
    /** The same prompt, its response from somewhere else. */
    public RolloutRequest from(Origin source) {
        return new RolloutRequest(id, prompt, response, source);
    }
}
