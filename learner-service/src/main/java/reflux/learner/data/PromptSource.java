// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import java.util.Optional;
import reflux.learner.ledger.RolloutRequest;

/** Prompts in the order in which they are to be sampled. Confined to the learner's context; reading files is over by then. */
public sealed interface PromptSource permits FilePrompts, FedPrompts, PromptSequence {
    /** The next one, or empty while there is none. */
    Optional<RolloutRequest> next();
}
