// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits the service's items in flight over its streams. What all streams hold, used or not, never exceeds the total.
 *
 * <p>A stream starts with at most half of what is free, so that a newcomer finds something too; credit cannot be taken
 * back. Each item that ends brings its credit here, and streams that have nothing get it first. Then its own stream gets
 * it back and one more, towards what it wanted; above its fair share it does so only while more than a quarter of the
 * total is free. So one stream may use three quarters, and busy streams become equal. Confined to the service's context.
 *
 * @param <S> a stream
 */
final class CreditShares<S> {

    private final int total;
    private final Map<S, Share> shares = new LinkedHashMap<>();
    private int free;

    private static final class Share {
        final int wanted;
        int held;

        Share(int wanted) {
            this.wanted = wanted;
        }
    }

    CreditShares(int total) {
        if (total < 1) {
            throw new IllegalArgumentException("total must be >= 1, was " + total);
        }
        this.total = total;
        this.free = total;
    }

    /** A stream says how much it wants, 0 = as much as may be. */
    void join(S stream, int wanted) {
        int most = wanted <= 0 ? total : Math.min(wanted, total);
        Share share = new Share(most);
        if (shares.putIfAbsent(stream, share) != null) {
            throw new IllegalArgumentException("the stream has joined already");
        }
        give(share, Math.min(most, (free + 1) / 2));
    }

    /** An item of the stream has ended; returns the streams whose share has changed. */
    List<S> itemEnded(S stream) {
        Share share = shares.get(stream);
        if (share == null || share.held == 0) {
            return List.of();
        }
        share.held--;
        free++;
        List<S> changed = feedStarved();
        if (mayHaveMore(share)) {
            give(share, 1);
            if (mayHaveMore(share)) {
                give(share, 1);
            }
        }
        if (!changed.contains(stream)) {
            changed.add(stream);
        }
        return changed;
    }

    /** The stream is gone with all that it held; returns the streams whose share has changed. */
    List<S> leave(S stream) {
        Share share = shares.remove(stream);
        if (share == null) {
            return List.of();
        }
        free += share.held;
        return feedStarved();
    }

    /** Items that the stream may have under way or hold credit for. */
    int held(S stream) {
        Share share = shares.get(stream);
        return share == null ? 0 : share.held;
    }

    private List<S> feedStarved() {
        List<S> fed = new ArrayList<>();
        shares.forEach((stream, share) -> {
            if (share.held == 0 && free > 0) {
                give(share, 1);
                fed.add(stream);
            }
        });
        return fed;
    }

    private boolean mayHaveMore(Share share) {
        int reserve = total / 4;
        int fair = Math.max(1, (total - reserve) / shares.size());
        return share.held < share.wanted && free > (share.held < fair ? 0 : reserve);
    }

    private void give(Share share, int items) {
        share.held += items;
        free -= items;
    }
}
