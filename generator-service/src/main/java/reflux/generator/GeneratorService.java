// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** A running generator: samples from the student, has samples scored by teachers, and takes new weights. */
public final class GeneratorService implements AutoCloseable {
    private GeneratorService() {}

    /** Starts a generator whose metrics nobody reads. */
    public static Future<GeneratorService> start(Vertx vertx, GeneratorConfig config) {
        return start(vertx, config, new SimpleMeterRegistry());
    }

    /** Loads the student and opens the door; fails with a message that names what is wrong and how to put it right. */
    public static Future<GeneratorService> start(Vertx vertx, GeneratorConfig config, MeterRegistry registry) {
        return Future.failedFuture(new IllegalStateException("not built yet"));
    }

    /** The port that the door listens on. */
    public int port() {
        throw new IllegalStateException("not started");
    }

    /** Takes nothing new, lets what is under way end, then closes; what is not done by then is cut. */
    public Future<Void> drain(Duration atMost) {
        return Future.succeededFuture();
    }

    /** Ends at once. */
    @Override
    public void close() {}
}
