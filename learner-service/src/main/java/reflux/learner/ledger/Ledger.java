// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every rollout of a run, from admission to training; each is trained at most once and none is forgotten.
 *
 * <p>A rollout is <em>outstanding</em> from {@link #issue}, <em>accepted</em> from {@link #accept}, under training from
 * {@link #take}, and trained from {@link #trained}. Confined to the learner's context.
 */
public final class Ledger {
    private final Admission admission;
    private final Map<String, Admitted> outstanding = new LinkedHashMap<>();
    private final Map<String, Sample> accepted = new LinkedHashMap<>();
    private final Map<String, Sample> training = new LinkedHashMap<>();
    private final BitSet trainedSequences = new BitSet();
    private long nextSequence;
    private long issued;
    private long trained;
    private long refused;
    private long duplicated;
    private long lateResults;
    private boolean closed;

    public Ledger(Admission admission) {
        this.admission = admission;
    }

    /** Continues a run: {@code open} rollouts were admitted and not trained; they are outstanding again. */
    public static Ledger restore(Admission admission, LedgerState state, long liveVersion) {
        Ledger ledger = new Ledger(admission);
        ledger.issued = state.issued();
        ledger.trained = state.trained();
        ledger.refused = state.refused();
        ledger.nextSequence = state.nextSequence();
        ledger.trainedSequences.set(0, Math.toIntExact(state.nextSequence()));
        for (Admitted open : state.open()) {
            ledger.outstanding.put(open.id(), open.at(liveVersion));
            ledger.trainedSequences.clear(Math.toIntExact(open.sequence()));
        }
        return ledger;
    }

    /** Rollouts that may start now, with {@code live} served by every generator. */
    public long mayIssue(long live) {
        return closed ? 0 : admission.admit(issued - refused, live);
    }

    /** Whether more rollouts will be admitted, now or later. */
    public boolean isClosed() {
        return closed || issued - refused >= admission.limit();
    }

    /** Nothing more is admitted; what is open is still trained, the last of it in a smaller step. */
    public void close() {
        closed = true;
    }

    /** Admits a rollout. Throws IllegalArgumentException if its id is open. */
    public Admitted issue(RolloutRequest request, long live) {
        if (isOpen(request.id())) {
            throw new IllegalArgumentException("rollout " + request.id() + " is already open");
        }
        Admitted admitted = new Admitted(
                request.id(), request.prompt(), request.response(), request.origin(), nextSequence++, live);
        outstanding.put(admitted.id(), admitted);
        issued++;
        return admitted;
    }

    /**
     * Takes a scored rollout in. Only an outstanding one is accepted, so a second result for an id changes nothing. A replayed
     * sample takes its place in time like any other, but its tokens may be of any age.
     */
    public Acceptance accept(Sample sample) {
        Admitted admitted = outstanding.get(sample.id());
        if (admitted == null) {
            lateResults++;
            return Acceptance.DUPLICATE;
        }
        boolean isOlder = sample.oldestVersion() < admitted.liveVersion();
        if (isOlder && admitted.origin() != Origin.REPLAY) {
            return Acceptance.OLDER_THAN_ADMITTED;
        }
        outstanding.remove(sample.id());
        accepted.put(sample.id(), sample);
        return Acceptance.ACCEPTED;
    }

    /** Gives an outstanding rollout up because it can never be sampled or scored; another is admitted in its place. */
    public Optional<Admitted> refuse(String id) {
        Optional<Admitted> admitted = Optional.ofNullable(outstanding.remove(id));
        admitted.ifPresent(gone -> refused++);
        return admitted;
    }

    /**
     * The samples of the step that starts from {@code version}, in order of admission, or none while it has to wait: for
     * rollouts that it owes a place (see {@link Admission}), or for enough of any. The rest of the batch are those that came
     * first. A step is smaller than the batch only when nothing more will come.
     */
    public List<Sample> take(long version) {
        boolean isLast = isClosed() && outstanding.isEmpty();
        if (accepted.isEmpty() || (accepted.size() < admission.batchSize() && !isLast)) {
            return List.of();
        }
        Map<String, Sample> batch = new LinkedHashMap<>();
        for (Map.Entry<Long, Integer> open : openByVersion().entrySet()) {
            long owed = admission.owed(open.getValue(), open.getKey(), version);
            long chosen = batch.size();
            accepted.values().stream()
                    .filter(sample ->
                            sample.admitted().liveVersion() <= open.getKey() && !batch.containsKey(sample.id()))
                    .limit(Math.max(0, owed - chosen))
                    .toList()
                    .forEach(sample -> batch.put(sample.id(), sample));
            if (batch.size() < owed) {
                return List.of();
            }
        }
        accepted.values().stream()
                .filter(sample -> !batch.containsKey(sample.id()))
                .limit(Math.max(0, admission.batchSize() - batch.size()))
                .toList()
                .forEach(sample -> batch.put(sample.id(), sample));
        return begin(batch.values());
    }

    /** For each version at which open rollouts were admitted, how many were admitted at it or before. */
    private SortedMap<Long, Integer> openByVersion() {
        SortedMap<Long, Integer> open = new TreeMap<>();
        outstanding.values().forEach(admitted -> open.merge(admitted.liveVersion(), 1, Integer::sum));
        accepted.values().forEach(sample -> open.merge(sample.admitted().liveVersion(), 1, Integer::sum));
        int sum = 0;
        for (Map.Entry<Long, Integer> count : open.entrySet()) {
            sum += count.getValue();
            count.setValue(sum);
        }
        return open;
    }

    private List<Sample> begin(Collection<Sample> batch) {
        for (Sample sample : batch) {
            accepted.remove(sample.id());
            training.put(sample.id(), sample);
        }
        return batch.stream()
                .sorted(Comparator.comparingLong(sample -> sample.admitted().sequence()))
                .toList();
    }

    /** The samples of a step that {@link #take} gave are in the weights now. */
    public void trained(List<Sample> batch) {
        for (Sample sample : batch) {
            if (training.remove(sample.id()) == null) {
                throw new NoSuchElementException("rollout " + sample.id() + " is not under training");
            }
            int sequence = Math.toIntExact(sample.admitted().sequence());
            if (trainedSequences.get(sequence)) {
                duplicated++;
            }
            trainedSequences.set(sequence);
            trained++;
        }
    }

    /** Place of the next rollout in the order of admission. */
    public long nextSequence() {
        return nextSequence;
    }

    /** Whether everything that was admitted is trained or given up. */
    public boolean isEmpty() {
        return outstanding.isEmpty() && accepted.isEmpty() && training.isEmpty();
    }

    /** Whether the id is admitted and not trained. */
    public boolean isOpen(String id) {
        return outstanding.containsKey(id) || accepted.containsKey(id) || training.containsKey(id);
    }

    public List<Admitted> outstanding() {
        return List.copyOf(outstanding.values());
    }

    public LedgerCounts counts() {
        int open = outstanding.size() + accepted.size() + training.size();
        long lost = issued - refused - trained - open;
        return new LedgerCounts(
                issued, trained, refused, outstanding.size(), accepted.size(), lost, duplicated, lateResults);
    }

    /**
     * What a checkpoint keeps: counts and every open rollout, in order of admission. Replayed samples that are not trained are
     * left out as if they had never been admitted, because the replay buffer is not kept: others take their places.
     */
    public LedgerState state() {
        List<Admitted> open = new ArrayList<>(outstanding.values());
        accepted.values().forEach(sample -> open.add(sample.admitted()));
        training.values().forEach(sample -> open.add(sample.admitted()));
        int all = open.size();
        open.removeIf(admitted -> admitted.origin() == Origin.REPLAY);
        open.sort(Comparator.comparingLong(Admitted::sequence));
        return new LedgerState(nextSequence, issued - (all - open.size()), trained, refused, open);
    }
}
