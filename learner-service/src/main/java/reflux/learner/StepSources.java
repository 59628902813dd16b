// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;

/**
 * Where the samples of a step come from, and how old they are. Replayed ones may be older than the staleness bound, so they
 * are no part of the staleness, and their age is told alone.
 */
final class StepSources {
    private final Map<Origin, Share> shares = new EnumMap<>(Origin.class);
    private final int samples;
    private final Ages staleness = new Ages();
    private final Ages replayAge = new Ages();
    private long truncated;

    /** @param version that the step starts from */
    StepSources(List<Sample> batch, long version) {
        this.samples = batch.size();
        for (Sample sample : batch) {
            Origin origin = sample.admitted().origin();
            boolean isCut = sample.finish() == Finish.LENGTH;
            shares.computeIfAbsent(origin, first -> new Share())
                    .add(sample.tokens().size(), isCut);
            (origin == Origin.REPLAY ? replayAge : staleness).add(Math.toIntExact(version - sample.oldestVersion()));
            truncated += isCut ? 1 : 0;
        }
    }

    /** Share, mean response tokens and truncated share of each origin that the step has. */
    Map<String, Double> metrics() {
        Map<String, Double> metrics = new TreeMap<>();
        shares.forEach((origin, share) -> {
            metrics.put("share_" + origin.label(), (double) share.samples / samples);
            metrics.put("length_" + origin.label(), (double) share.tokens / share.samples);
            metrics.put("truncated_" + origin.label(), (double) share.truncated / share.samples);
        });
        if (replayAge.count > 0) {
            metrics.put("replay_age_mean", replayAge.mean());
            metrics.put("replay_age_max", (double) replayAge.max);
        }
        return metrics;
    }

    /** Samples by the label of their origin. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        shares.forEach((origin, share) -> counts.put(origin.label(), share.samples));
        return counts;
    }

    Ages staleness() {
        return staleness;
    }

    long truncated() {
        return truncated;
    }

    /** Versions between the oldest policy of a sample and the step. */
    static final class Ages {
        private long count;
        private long sum;
        private int max;

        private void add(int age) {
            count++;
            sum += age;
            max = Math.max(max, age);
        }

        long sum() {
            return sum;
        }

        int max() {
            return max;
        }

        double mean() {
            return count == 0 ? 0 : (double) sum / count;
        }
    }

    private static final class Share {
        private long samples;
        private long tokens;
        private long truncated;

        void add(int more, boolean isCut) {
            samples++;
            tokens += more;
            truncated += isCut ? 1 : 0;
        }
    }
}
