// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import reflux.v1.ItemStatus;

/** What a message from a replica means to its lane. */
public sealed interface LaneMessage {
    /** The answer to Hello. */
    record Welcome() implements LaneMessage {}

    /** The replica takes so many more items. */
    record Granted(int items) implements LaneMessage {}

    /** Belongs to an item that goes on. */
    record Part(String id) implements LaneMessage {}

    /** The item's last message. A status that is not OK fails the item, or sends it again if it is retryable. */
    record Last(String id, ItemStatus status) implements LaneMessage {}

    /** The replica begins nothing new; what is under way it finishes. */
    record Goodbye(String reason) implements LaneMessage {}
}
