// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import org.jspecify.annotations.Nullable;

/** One item from its submission to its end. */
final class Flight<Q, R> {
    final LaneItem<Q> item;
    final ItemListener<R> listener;
    int attempts;
    long heardNanos;

    /** Where it failed last; another replica is preferred. */
    @Nullable
    PeerAddress avoid;

    Flight(LaneItem<Q> item, ItemListener<R> listener) {
        this.item = item;
        this.listener = listener;
    }

    String id() {
        return item.id();
    }
}
