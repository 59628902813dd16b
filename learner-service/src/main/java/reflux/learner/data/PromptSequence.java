// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import java.util.List;
import java.util.Optional;
import reflux.learner.ledger.RolloutRequest;

/** Several sources as one: each prompt comes from the first source that has one. */
public record PromptSequence(List<PromptSource> sources) implements PromptSource {
    public PromptSequence {
        sources = List.copyOf(sources);
    }

    @Override
    public Optional<RolloutRequest> next() {
        for (PromptSource source : sources) {
            Optional<RolloutRequest> request = source.next();
            if (request.isPresent()) {
                return request;
            }
        }
        return Optional.empty();
    }
}
