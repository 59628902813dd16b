// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** A running teacher: one model, one engine thread, one port. */
public final class TeacherService {

    private TeacherService() {}

    /** Loads the model and listens; fails with a message that names what is wrong with configuration or model. */
    public static Future<TeacherService> start(Vertx vertx, TeacherConfig config, MeterRegistry meters) {
        return Future.failedFuture(new UnsupportedOperationException("not served yet"));
    }

    /** Same, with meters that nobody reads. */
    public static Future<TeacherService> start(Vertx vertx, TeacherConfig config) {
        return start(vertx, config, new SimpleMeterRegistry());
    }

    /** The port that it listens on. */
    public int port() {
        return -1;
    }

    /** Not serving to health checks, Goodbye on each stream, what is under way is finished; then closed. */
    public Future<Void> drain(Duration most) {
        return close();
    }

    /** Ends all streams, stops the engine thread and frees the model. */
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
