// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import reflux.wire.CapacityException;

/**
 * The server's account of one stream's credit: what was granted, what is under way. Confined to the stream's context.
 *
 * <p>Granted and not used + under way never exceed the limit. Demand is relayed, never minted: credit returns only when an item
 * has ended.
 */
public final class CreditGate {
    private final IntConsumer grant;
    private int limit;
    private int available;
    private int underWay;
    private int wanted;
    private @Nullable Runnable whenIdle;

    /**
     * @param limit most items of this stream
     * @param grant sends Credit with so many items
     */
    public CreditGate(int limit, IntConsumer grant) {
        if (limit < 1) {
            throw new IllegalArgumentException("credit limit must be >= 1, was " + limit);
        }
        this.limit = limit;
        this.grant = grant;
    }

    /** After Hello: grants what the client would like, 0 = as many as may be. */
    public void open(int itemsWanted) {
        wanted = itemsWanted == 0 ? Integer.MAX_VALUE : itemsWanted;
        top();
    }

    /** An item has arrived; CapacityException if it was not granted. */
    public void take() {
        take(1);
    }

    /** So many items have arrived with one message. */
    public void take(int items) {
        if (items > available) {
            throw new CapacityException("credit is used up: " + items + " items came where " + available
                    + " were granted, " + underWay + " are under way");
        }
        available -= items;
        underWay += items;
    }

    /** An item has ended, however it did; its credit goes back to the client. */
    public void release() {
        if (underWay < 1) {
            throw new IllegalStateException("no item is under way");
        }
        underWay--;
        top();
        endIfIdle();
    }

    /** Changes the limit; credit that is out already stays. */
    public void limit(int items) {
        limit = items;
        top();
    }

    /** Grants nothing any more; items that were granted may still come. */
    public void stop() {
        wanted = 0;
    }

    /** The client has half-closed, so no item comes any more: calls when nothing is under way, at once or after a release. */
    public void finish(Runnable idle) {
        stop();
        whenIdle = idle;
        endIfIdle();
    }

    /** Items that arrived and have not ended. */
    public int underWay() {
        return underWay;
    }

    /** Items that the client may still send. */
    public int available() {
        return available;
    }

    private void endIfIdle() {
        Runnable idle = whenIdle;
        if (idle != null && underWay == 0) {
            whenIdle = null;
            idle.run();
        }
    }

    private void top() {
        int more = Math.min(limit, wanted) - available - underWay;
        if (more > 0) {
            available += more;
            grant.accept(more);
        }
    }
}
