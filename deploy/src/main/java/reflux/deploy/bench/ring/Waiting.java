// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How a measurement, which has a thread of its own, waits for the services. */
final class Waiting {
    private static final long MINUTES = 10;

    private Waiting() {}

    /** The result; IllegalStateException if it failed or took longer than ten minutes. */
    static <T> T on(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(MINUTES, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("nothing came within " + MINUTES + " minutes", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
