// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import reflux.learner.ledger.RolloutRequest;

/** Prompts that clients fed and that wait for admission. Bounded by the credits that the clients were granted. */
public final class FedPrompts implements PromptSource {
    private final Deque<RolloutRequest> waiting = new ArrayDeque<>();

    public void add(RolloutRequest request) {
        waiting.addLast(request);
    }

    @Override
    public Optional<RolloutRequest> next() {
        return Optional.ofNullable(waiting.pollFirst());
    }

    public int size() {
        return waiting.size();
    }
}
