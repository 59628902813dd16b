// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reflux.deploy.bench.Alternation;
import reflux.deploy.bench.Bench;
import reflux.deploy.bench.BenchSettings;
import reflux.deploy.bench.Goal;
import reflux.deploy.bench.Measurement;
import reflux.wire.TensorFrames;

/** Hidden states from teacher to generator to learner, beside the same bytes over the same two hops of raw TCP. */
public final class WireBench implements Bench {
    private static final Goal GOAL = Goal.atLeast(0.5);
    private static final int ITEMS = 256;
    /** Until the compiler is done: the first rounds take twice the time. */
    private static final int WARM_ROUNDS = 20;

    @Override
    public List<Measurement> run(BenchSettings settings) throws Exception {
        try (Wire wire = new Wire(settings.model())) {
            for (int round = 0; round < WARM_ROUNDS; round++) {
                wire.seconds(ITEMS);
            }
            return List.of(measure(wire, ITEMS, settings.seconds()));
        }
    }

    static Measurement measure(Wire wire, int items, double seconds) throws Exception {
        long bytes = (long) items * wire.itemBytes();
        Alternation rounds = Alternation.run(seconds, () -> bytes / wire.seconds(items) / 1e6, () -> raw(bytes));
        Map<String, String> details = new LinkedHashMap<>();
        details.put(
                "path",
                "teacher -> generator -> learner: gRPC servers, messages, credits and checksums of the services");
        details.put("teacher", "ready frames: a source that answers at once, without a model");
        details.put(
                "shape",
                items + " responses of [" + Wire.ROWS + ", " + Wire.WIDTH + "] bf16, " + Wire.AT_ONCE
                        + " under way, frames of " + (TensorFrames.FRAME_BYTES >> 10) + " KiB");
        details.put(
                "limit", "raw TCP relay on loopback: three threads, chunks of " + (RawTcp.CHUNK_BYTES >> 10) + " KiB");
        return new Measurement("wire (ready frames)", "MB/s", rounds.thing(), rounds.limit(), GOAL, details);
    }

    private static double raw(long bytes) throws IOException {
        return bytes / RawTcp.relaySeconds(bytes) / 1e6;
    }
}
