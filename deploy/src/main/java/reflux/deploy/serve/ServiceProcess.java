// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.serve;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.deploy.config.SettingsBinder;
import reflux.rpc.EventLoops;

/** One service in this process. On SIGTERM and SIGINT it drains before the process ends. Blocks its caller. */
public final class ServiceProcess {
    /** System property: if true, this process ends when the one that started it does, however that comes. */
    public static final String END_WITH_PARENT = "reflux.end-with-parent";

    private static final Logger log = LoggerFactory.getLogger(ServiceProcess.class);
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final int ORPHANED = 143;
    /** Opening a large model blocks a worker thread that long before Vert.x warns of it, once a second and with a stack. */
    private static final Duration LOADING = Duration.ofMinutes(30);

    private final Role role;
    private final Vertx vertx = EventLoops.open(new VertxOptions()
            .setMaxWorkerExecuteTime(LOADING.toMinutes())
            .setMaxWorkerExecuteTimeUnit(TimeUnit.MINUTES));

    public ServiceProcess(Role role) {
        this.role = role;
    }

    /** Serves until the service is done; throws why it could not start or go on. */
    public void serve(SettingsBinder settings, PrintStream out) {
        RunningService service;
        try {
            service = await(role.start(vertx, settings));
            // Loading leaves garbage behind, in direct memory too, and a heap that is larger than the work needs.
            System.gc();
        } catch (RuntimeException e) {
            await(vertx.close());
            throw e;
        }
        if (Boolean.getBoolean(END_WITH_PARENT)) {
            ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(ORPHANED)));
        }
        Thread hook = new Thread(() -> stop(service), "drain");
        Runtime.getRuntime().addShutdownHook(hook);
        out.println("reflux " + role.section() + ": listening on port " + service.port());
        out.flush();
        try {
            await(service.done());
        } finally {
            if (removed(hook)) {
                stop(service);
            }
        }
    }

    private void stop(RunningService service) {
        log.info("draining role={} atMostSeconds={}", role.section(), DRAIN.toSeconds());
        try {
            CompletableFuture<Void> drained =
                    service.drain(DRAIN).toCompletionStage().toCompletableFuture();
            drained.get(DRAIN.plus(LINGER).toMillis(), TimeUnit.MILLISECONDS);
            // Not chained to the drain: the loop that would run the next link ends with Vert.x.
            await(vertx.close());
        } catch (TimeoutException e) {
            log.warn("not drained in time role={}", role.section());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            log.warn("not drained cleanly role={} cause={}", role.section(), String.valueOf(e.getCause()));
        }
    }

    /** False if the process is ending already, and the hook does the work. */
    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
