// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import reflux.model.text.PromptText;

/**
 * One line of a training file.
 *
 * @param response the gold response, empty where the line has none
 */
public record Example(PromptText prompt, String response) {}
