// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

/**
 * One replica of a pool at one moment.
 *
 * @param detail why it is not ready; empty where there is nothing to say
 * @param credits items that it would take now
 * @param items under way
 * @param cost of the items under way
 */
public record ReplicaState(PeerAddress address, Phase phase, String detail, int credits, int items, long cost) {
    /** Where a replica stands. */
    public enum Phase {
        CONNECTING,
        READY,
        DRAINING,
        /** Connection gone; tried again. */
        LOST,
        /** One of the two sides refused the other; tried again, rarely. */
        REFUSED,
        /** No longer a member. */
        REMOVED
    }
}
