// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.RolloutRequest;
import reflux.learner.ledger.Sample;

/**
 * Samples of the student that were trained, to be trained again: the newest, first in first out. Each is held with its whole
 * score, in host memory. A checkpoint does not keep them, so after a resume the buffer fills anew. Confined to the learner's
 * context.
 */
public final class ReplayBuffer {
    private final long seed;
    private final int capacity;
    private final int maxAge;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long version;

    /**
     * @param capacity samples that are held; 0 = none
     * @param maxAge versions from a sample's oldest token to the newest step after which it is dropped; 0 = no limit
     */
    public ReplayBuffer(long seed, int capacity, int maxAge) {
        this.seed = seed;
        this.capacity = capacity;
        this.maxAge = maxAge;
    }

    /** Takes in what the student sampled of a step that made {@code newest}; what is too old, or too much, is dropped. */
    public void trained(List<Sample> batch, long newest) {
        version = newest;
        for (Sample sample : batch) {
            if (sample.admitted().origin().isOnPolicy()) {
                entries.addLast(new Entry(sample));
            } else if (sample.admitted().origin() == Origin.REPLAY) {
                entries.forEach(entry -> entry.ended(sample.id()));
            }
        }
        while (entries.size() > capacity) {
            entries.removeFirst();
        }
        entries.removeIf(entry -> maxAge > 0 && version - entry.sample.oldestVersion() > maxAge);
    }

    public boolean isFull() {
        return entries.size() >= capacity;
    }

    public int size() {
        return entries.size();
    }

    /** A sample for the place, each with the same probability, none that is on its way into a step; empty if there is none. */
    public Optional<Replay> draw(long sequence) {
        List<Entry> free =
                entries.stream().filter(entry -> entry.openId == null).toList();
        if (free.isEmpty()) {
            return Optional.empty();
        }
        Entry entry = free.get(SeededDraw.index(seed, "replayed", Long.toString(sequence), free.size()));
        return Optional.of(entry.open());
    }

    /**
     * A sample that goes into a step once more.
     *
     * @param request admission under the id {@code <id>@r<n>}, n counted from 1
     */
    public record Replay(RolloutRequest request, Sample sample) {}

    private static final class Entry {
        private final Sample sample;
        private int replays;
        private @Nullable String openId;

        Entry(Sample sample) {
            this.sample = sample;
        }

        Replay open() {
            replays++;
            String id = sample.id() + "@r" + replays;
            openId = id;
            return new Replay(
                    new RolloutRequest(
                            id, sample.admitted().prompt(), sample.admitted().response(), Origin.REPLAY),
                    sample);
        }

        void ended(String id) {
            if (id.equals(openId)) {
                openId = null;
            }
        }
    }
}
