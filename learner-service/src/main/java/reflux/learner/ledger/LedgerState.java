// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import java.util.List;

/** A ledger at rest: its counts and the rollouts that were admitted and not trained. */
public record LedgerState(long nextSequence, long issued, long trained, long refused, List<Admitted> open) {
    public LedgerState {
        open = List.copyOf(open);
        if (issued - refused - trained != open.size()) {
            throw new IllegalArgumentException("ledger state has issued=" + issued + " refused=" + refused + " trained="
                    + trained + " but " + open.size() + " open rollouts");
        }
    }
}
