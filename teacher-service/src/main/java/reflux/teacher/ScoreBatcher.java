// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses which waiting items are computed together.
 *
 * <p>The oldest item is always in the next batch, so none starves. It is joined by the items nearest to it in length,
 * older ones first among equals, as long as rows × longest stays within the token budget, the padding stays small, and
 * the answers fit into the memory that is free. If the oldest item's answer does not fit, nothing is chosen: a large
 * item waits for memory rather than being overtaken for ever. Not thread-safe.
 */
final class ScoreBatcher<T> {

    private static final int FREE_PADDING = 32;

    private final int maxBatchTokens;
    private final Map<Long, Waiting<T>> waiting = new LinkedHashMap<>();
    private long nextTicket;

    /** One item. */
    record Waiting<T>(long ticket, T item, int tokens, long answerBytes) {}

    ScoreBatcher(int maxBatchTokens) {
        if (maxBatchTokens < 1) {
            throw new IllegalArgumentException("maxBatchTokens must be >= 1, was " + maxBatchTokens);
        }
        this.maxBatchTokens = maxBatchTokens;
    }

    /** Puts an item at the end; the ticket withdraws it. */
    long add(T item, int tokens, long answerBytes) {
        if (tokens < 1 || tokens > maxBatchTokens) {
            throw new IllegalArgumentException("tokens must be 1 to " + maxBatchTokens + ", was " + tokens);
        }
        long ticket = nextTicket++;
        waiting.put(ticket, new Waiting<>(ticket, item, tokens, answerBytes));
        return ticket;
    }

    /** Takes an item out again; false if it is not waiting any more. */
    boolean withdraw(long ticket) {
        return waiting.remove(ticket) != null;
    }

    int size() {
        return waiting.size();
    }

    /** Whether {@link #next} would choose something. */
    boolean hasNext(long freeAnswerBytes) {
        return !waiting.isEmpty() && waiting.values().iterator().next().answerBytes() <= freeAnswerBytes;
    }

    /** Takes all items out. */
    List<T> clear() {
        List<T> items = waiting.values().stream().map(Waiting::item).toList();
        waiting.clear();
        return items;
    }

    /** The next batch, in order of arrival, removed from here; empty if nothing waits or nothing fits. */
    List<T> next(long freeAnswerBytes) {
        if (!hasNext(freeAnswerBytes)) {
            return List.of();
        }
        Waiting<T> oldest = waiting.values().iterator().next();
        List<Waiting<T>> chosen = choose(oldest, freeAnswerBytes);
        chosen.sort(Comparator.comparingLong(Waiting::ticket));
        chosen.forEach(one -> waiting.remove(one.ticket()));
        return chosen.stream().map(Waiting::item).toList();
    }

    private List<Waiting<T>> choose(Waiting<T> oldest, long freeAnswerBytes) {
        List<Waiting<T>> candidates = new ArrayList<>(waiting.values());
        candidates.sort(Comparator.<Waiting<T>>comparingInt(one -> Math.abs(one.tokens() - oldest.tokens()))
                .thenComparingLong(Waiting::ticket));
        List<Waiting<T>> chosen = new ArrayList<>();
        int shortest = oldest.tokens();
        int longest = oldest.tokens();
        long bytes = 0;
        for (Waiting<T> one : candidates) {
            int newShortest = Math.min(shortest, one.tokens());
            int newLongest = Math.max(longest, one.tokens());
            boolean fits = (chosen.size() + 1L) * newLongest <= maxBatchTokens
                    && newLongest <= 2L * newShortest + FREE_PADDING
                    && bytes + one.answerBytes() <= freeAnswerBytes;
            if (fits) {
                chosen.add(one);
                shortest = newShortest;
                longest = newLongest;
                bytes += one.answerBytes();
            }
        }
        return chosen;
    }
}
