// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One dedicated platform thread, the only place where native work runs. Before each task autograd is off and the graph executor
 * does not optimise: both are thread-local in torch, and on by default. Its methods may be called from any thread.
 */
public final class EngineThread implements AutoCloseable {
    /** Work for the engine thread. */
    @FunctionalInterface
    public interface Task<T> {
        T run(Engine engine) throws Exception;
    }

    private static final class Worker extends Thread {
        Worker(Runnable work, String name) {
            super(work, name);
            setDaemon(true);
        }
    }

    private final ThreadPoolExecutor executor;
    private final CompletableFuture<Engine> engine = new CompletableFuture<>();
    private final EngineSettings settings;

    private EngineThread(EngineSettings settings) {
        this.settings = settings;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(settings.queueLimit()),
                work -> new Worker(work, settings.name()));
    }

    /** Loads the native libraries where needed (a second or two, once per process) and starts the thread. */
    public static EngineThread start(EngineSettings settings) {
        EngineThread thread = new EngineThread(settings);
        thread.executor.execute(thread::open);
        try {
            thread.engine.join();
        } catch (CompletionException e) {
            thread.executor.shutdown();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        return thread;
    }

    /** Queues a task. If the queue is full or the thread closed, the future has failed with RejectedExecutionException. */
    public <T> CompletableFuture<T> submit(Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            executor.execute(() -> run(task, result));
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new RejectedExecutionException(
                    settings.name() + " is closed or has " + settings.queueLimit() + " tasks waiting"));
        }
        return result;
    }

    /** Runs a task and waits for it; unchecked exceptions come through as they are. Not for use on the engine thread itself. */
    public <T> T call(Task<T> task) {
        if (Thread.currentThread() instanceof Worker worker && worker.getName().equals(settings.name())) {
            throw new IllegalStateException(settings.name() + " would wait for itself");
        }
        try {
            return submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            } else if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    /** Lets the queued tasks finish, then frees everything that the thread owns. */
    @Override
    public void close() {
        if (executor.isShutdown()) {
            return;
        }
        try {
            call(open -> {
                open.close();
                return true;
            });
        } catch (RejectedExecutionException full) {
            executor.shutdownNow();
        } finally {
            executor.shutdown();
        }
    }

    static void checkCurrent() {
        if (!(Thread.currentThread() instanceof Worker)) {
            throw new IllegalStateException(Thread.currentThread().getName() + " is no engine thread");
        }
    }

    private void open() {
        try {
            NativeEngine.require();
            JniUtils.setNumThreads(settings.threads());
            settings.matmulPrecision().apply();
            prepare();
            engine.complete(new Engine(Thread.currentThread(), settings));
        } catch (RuntimeException | Error e) {
            engine.completeExceptionally(e);
        }
    }

    private static void prepare() {
        JniUtils.setGradMode(false);
        JniUtils.setGraphExecutorOptimize(false);
    }

    private <T> void run(Task<T> task, CompletableFuture<T> result) {
        try {
            prepare();
            result.complete(task.run(engine.join()));
        } catch (Exception | Error e) {
            result.completeExceptionally(e);
        }
    }
}
