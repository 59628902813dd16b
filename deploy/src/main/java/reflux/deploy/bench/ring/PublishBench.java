// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import reflux.deploy.bench.Alternation;
import reflux.deploy.bench.Bench;
import reflux.deploy.bench.BenchSettings;
import reflux.deploy.bench.Goal;
import reflux.deploy.bench.Measurement;

/** A model's weights to two generators, beside the same bytes by raw TCP; and how long decoding pauses meanwhile. */
public final class PublishBench implements Bench {
    private static final Goal RATE_GOAL = Goal.atLeast(0.5);
    private static final Goal PAUSE_GOAL = Goal.atMost(1);
    private static final int RECEIVERS = 2;

    @Override
    public List<Measurement> run(BenchSettings settings) throws Exception {
        try (Publishing publishing = new Publishing(settings.model())) {
            return List.of(rate(publishing, settings.seconds()), pause(publishing));
        }
    }

    static Measurement rate(Publishing publishing, double seconds) throws Exception {
        long bytes = RECEIVERS * publishing.totalBytes();
        Alternation rounds = Alternation.run(
                seconds, () -> bytes / publishing.seconds() / 1e6, () -> raw(publishing.totalBytes(), bytes));
        Map<String, String> details = new LinkedHashMap<>();
        details.put(
                "measured",
                "from the snapshot to both generators' Live: digest at the publisher, frames with CRC-32C, digest at each"
                        + " generator, weights read and changed over");
        details.put("bytes", String.format(Locale.ROOT, "%,d to each of %d", publishing.totalBytes(), RECEIVERS));
        details.put("seconds", String.format(Locale.ROOT, "%.3f", bytes / Measurement.median(rounds.thing()) / 1e6));
        details.put(
                "limit",
                "raw TCP on loopback to two receivers at once, chunks of " + (RawTcp.CHUNK_BYTES >> 10) + " KiB");
        details.put(
                "limit seconds", String.format(Locale.ROOT, "%.3f", bytes / Measurement.median(rounds.limit()) / 1e6));
        return new Measurement("publish", "MB/s", rounds.thing(), rounds.limit(), RATE_GOAL, details);
    }

    /** The longest decode step while a version arrives, less the median of those: what somebody waited for beyond a step. */
    static Measurement pause(Publishing publishing) throws InterruptedException {
        publishing.decode();
        publishing.seconds();
        List<Double> pauses = new ArrayList<>();
        List<Double> steps = new ArrayList<>();
        publishing.steps();
        for (int round = 0; round < Alternation.LEAST_ROUNDS; round++) {
            publishing.seconds();
            List<Double> during = publishing.someSteps();
            double median = Measurement.median(during);
            double longest =
                    during.stream().mapToDouble(Double::doubleValue).max().orElse(0);
            steps.add(median * 1e3);
            pauses.add((longest - median) * 1e3);
        }
        publishing.rest();
        Map<String, String> details = new LinkedHashMap<>();
        details.put(
                "measured", "longest decode step of each publish less the median step of the same publish, 8 slots");
        details.put("limit", "the median decode step while a version arrives");
        return new Measurement("publish: decode pause", "ms", pauses, steps, PAUSE_GOAL, details);
    }

    private static double raw(long each, long all) throws IOException {
        return all / RawTcp.fanOutSeconds(each, RECEIVERS) / 1e6;
    }
}
