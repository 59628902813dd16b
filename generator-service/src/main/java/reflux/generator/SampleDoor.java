// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.Set;
import reflux.rpc.InboundStream;
import reflux.rpc.StreamWriter;
import reflux.v1.SampleIn;
import reflux.v1.SampleOut;

/**
 * Opens the {@code Sample} streams, and shares the items in flight among them in equal parts, at least one each. Credit that is out
 * when another stream opens stays good, so for a while there may be more. Thread-safe.
 */
final class SampleDoor {
    private final Vertx vertx;
    private final Student student;
    private final TeacherScorer scorer;
    private final GeneratorConfig config;
    private final Set<SampleStream> open = new LinkedHashSet<>();

    SampleDoor(Vertx vertx, Student student, TeacherScorer scorer, GeneratorConfig config) {
        this.vertx = vertx;
        this.student = student;
        this.scorer = scorer;
        this.config = config;
    }

    void serve(InboundStream<SampleIn> inbound, StreamWriter<SampleOut> writer) {
        SampleStream stream = admit(writer);
        writer.onClosed(cause -> dismiss(stream));
        stream.serve(inbound);
    }

    private synchronized SampleStream admit(StreamWriter<SampleOut> writer) {
        int share = share(open.size() + 1);
        SampleStream stream = new SampleStream(vertx, writer, student, scorer, config, share);
        open.forEach(other -> other.share(share));
        open.add(stream);
        return stream;
    }

    private synchronized void dismiss(SampleStream stream) {
        open.remove(stream);
        open.forEach(other -> other.share(share(open.size())));
    }

    private int share(int streams) {
        return Math.max(1, config.maxItemsInFlight() / streams);
    }
}
