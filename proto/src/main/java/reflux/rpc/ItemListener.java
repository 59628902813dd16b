// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;

/**
 * What becomes of one item, told on the lanes' context. Order: started, messages, and again started, messages after a lost
 * replica; then exactly one of done and failed.
 */
public interface ItemListener<R> {
    /** Sent to this replica; whatever came of an earlier attempt (attempt counts from 1) is void. */
    default void started(PeerAddress replica, int attempt) {}

    /**
     * A message of the item, the last one included. The lane reads on once the future is complete; if it fails the item fails.
     */
    Future<Void> message(R message);

    /** The message before was the last one and said so. */
    void done();

    /** The item failed for good: its replica says that it would fail anywhere, or the attempts are used up, or it was refused. */
    void failed(RpcException cause);
}
