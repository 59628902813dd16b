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
 * back. Each item that ends brings its credit here, and streams that have nothing get it first; else its own stream gets
 * it back, and grows by one more towards what it wanted while a quarter of the total stays free. A stream above its fair
 * share gets nothing back while less is free. Confined to the service's context.
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
        boolean roomy = free > total / 4;
        if (share.held < share.wanted && free > 0 && (roomy || share.held < fair())) {
            give(share, 1);
            if (free > total / 4 && share.held < share.wanted) {
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

    private int fair() {
        return Math.max(1, total / shares.size());
    }

    private void give(Share share, int items) {
        share.held += items;
        free -= items;
    }
}
