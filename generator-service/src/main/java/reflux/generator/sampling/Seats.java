// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Who is in the batch and who waits for a slot. Confined to the engine thread; the two counts may be read from any thread.
 */
final class Seats {
    private final int slots;
    private final int prefillTokens;
    private final Deque<Rollout> line = new ArrayDeque<>();
    private final List<Rollout> seated = new ArrayList<>();
    private final BitSet taken = new BitSet();
    private volatile int seatedCount;
    private volatile int waitingCount;

    Seats(int slots, int prefillTokens) {
        this.slots = slots;
        this.prefillTokens = prefillTokens;
    }

    void queue(Rollout rollout) {
        line.add(rollout);
        count();
    }

    /** Seats those whose prompts go through the model next, by {@link PrefillPlan}. */
    List<Rollout> seatNext() {
        if (line.isEmpty() || seated.size() == slots) {
            return List.of();
        }
        List<Rollout> waiting = List.copyOf(line);
        List<Integer> lengths = waiting.stream().map(Rollout::promptLength).toList();
        List<Rollout> next = PrefillPlan.choose(lengths, slots - seated.size(), prefillTokens).stream()
                .map(waiting::get)
                .toList();
        for (Rollout rollout : next) {
            rollout.enter(taken.nextClearBit(0));
            taken.set(rollout.slot());
            seated.add(rollout);
        }
        line.removeAll(next);
        count();
        return next;
    }

    void leave(Rollout rollout) {
        seated.remove(rollout);
        taken.clear(rollout.slot());
        count();
    }

    /** Takes out all that were cancelled. */
    List<Rollout> removeCancelled() {
        List<Rollout> cancelled = new ArrayList<>();
        for (Rollout rollout : List.copyOf(seated)) {
            if (rollout.isCancelled()) {
                leave(rollout);
                cancelled.add(rollout);
            }
        }
        line.stream().filter(Rollout::isCancelled).forEach(cancelled::add);
        line.removeAll(cancelled);
        count();
        return cancelled;
    }

    /** Takes out everyone. */
    List<Rollout> removeAll() {
        List<Rollout> all = new ArrayList<>(seated);
        all.addAll(line);
        seated.clear();
        line.clear();
        taken.clear();
        count();
        return all;
    }

    /** Those in the batch now. */
    List<Rollout> seated() {
        return List.copyOf(seated);
    }

    boolean isEmpty() {
        return seated.isEmpty() && line.isEmpty();
    }

    int seatedCount() {
        return seatedCount;
    }

    int waitingCount() {
        return waitingCount;
    }

    private void count() {
        seatedCount = seated.size();
        waitingCount = line.size();
    }
}
