// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import java.util.List;
import reflux.model.text.PromptText;

/**
 * One line of a file of prompts.
 *
 * @param responses gold responses, empty where the line has none
 * @param place file and line, for messages
 */
public record Example(PromptText prompt, List<String> responses, String place) {
    public Example {
        responses = List.copyOf(responses);
    }

    /** The first gold response, empty where there is none. */
    public String response() {
        return responses.isEmpty() ? "" : responses.get(0);
    }
}
