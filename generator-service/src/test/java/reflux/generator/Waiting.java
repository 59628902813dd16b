// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import io.vertx.core.Future;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits in tests for what other threads do. */
final class Waiting {
    private static final int SECONDS = 60;

    private Waiting() {}

    static <T> T on(Future<T> future) {
        return on(future.toCompletionStage());
    }

    static <T> T on(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("nothing came within " + SECONDS + " s", e);
        }
    }
}
