// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import reflux.wire.Identifiers;

/** One item to be done by some replica; cost is what placement balances, such as its tokens. */
public record LaneItem<Q>(String id, long cost, Q message) {
    public LaneItem {
        Identifiers.check(id);
        if (cost < 0) {
            throw new IllegalArgumentException("cost must be >= 0, was " + cost);
        }
    }
}
