// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop without services, in virtual time: rollouts, publishing and steps take random times. */
class AdmissionSimulationTest {
    private record Event(double at, long order, Runnable what) {}

    private static final class Loop {
        final PriorityQueue<Event> events =
                new PriorityQueue<>(Comparator.comparingDouble(Event::at).thenComparingLong(Event::order));
        final SplittableRandom random;
        final int steps;
        final int publishEvery;
        final int maxStaleness;
        final Ledger ledger;
        final Set<String> trainedIds = new HashSet<>();
        double now;
        long order;
        long version;
        long live;
        long prompts;
        long worstStaleness;
        boolean isStepping;
        boolean isPublishing;

        Loop(long seed, int batchSize, int maxStaleness, int publishEvery, int steps) {
            this.random = new SplittableRandom(seed);
            this.steps = steps;
            this.publishEvery = publishEvery;
            this.maxStaleness = maxStaleness;
            this.ledger = new Ledger(new Admission(batchSize, maxStaleness, (long) steps * batchSize));
        }

        void run() {
            pump();
            while (!events.isEmpty()) {
                Event event = events.remove();
                now = event.at();
                event.what().run();
            }
        }

        void after(double mean, Runnable what) {
            double time = -mean * Math.log(1 - random.nextDouble());
            events.add(new Event(now + time, order++, what));
        }

        void pump() {
            for (long n = ledger.mayIssue(live); n > 0; n--) {
                Admitted admitted = ledger.issue(Samples.request("p" + prompts++), live);
                sample(admitted);
            }
            maybeStep();
        }

        /** One rollout in ten is slow, one in twenty comes twice, one in twenty is lost with its generator and sent again. */
        void sample(Admitted admitted) {
            double mean = random.nextInt(10) == 0 ? 50 : 1;
            long sampledWith = live + (random.nextBoolean() || version == live ? 0 : version - live);
            after(mean, () -> {
                int fate = random.nextInt(20);
                if (fate == 0) {
                    sample(admitted);
                    return;
                }
                if (fate == 1) {
                    ledger.accept(Samples.sample(admitted, sampledWith));
                }
                ledger.accept(Samples.sample(admitted, sampledWith));
                maybeStep();
            });
        }

        void maybeStep() {
            if (isStepping) {
                return;
            }
            List<Sample> batch = ledger.take(version);
            if (batch.isEmpty()) {
                return;
            }
            isStepping = true;
            after(3, () -> trained(batch));
        }

        void trained(List<Sample> batch) {
            isStepping = false;
            for (Sample sample : batch) {
                assertThat(trainedIds.add(sample.id())).isTrue();
                worstStaleness = Math.max(worstStaleness, version - sample.oldestVersion());
            }
            ledger.trained(batch);
            version++;
            publish();
            maybeStep();
        }

        void publish() {
            long newest = version - version % publishEvery;
            if (!isPublishing && newest > live) {
                isPublishing = true;
                after(2, () -> {
                    isPublishing = false;
                    live = newest;
                    publish();
                    pump();
                });
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,0,1", "8,0,1", "8,1,1", "8,1,2", "16,2,1", "16,2,3", "3,5,4", "64,8,1"})
    void randomLatencies_keepBoundLoseNothingAndEnd(int batchSize, int maxStaleness, int publishEvery) {
        for (long seed = 1; seed <= 20; seed++) {
            Loop loop = new Loop(seed, batchSize, maxStaleness, publishEvery, 60);

            loop.run();

            LedgerCounts counts = loop.ledger.counts();
            assertThat(loop.version).as("seed %d, %s", seed, counts).isEqualTo(60);
            assertThat(loop.worstStaleness).isLessThanOrEqualTo(maxStaleness);
            assertThat(counts.issued()).isEqualTo(60L * batchSize).isEqualTo(counts.trained());
            assertThat(counts.lost()).isZero();
            assertThat(counts.duplicated()).isZero();
            assertThat(counts.outstanding() + counts.accepted()).isZero();
        }
    }
}
