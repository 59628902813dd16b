// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The learner: the loop and its door. */
public final class LearnerService {
    private final Context context;
    private final RunAssembly.Run run;

    private LearnerService(Context context, RunAssembly.Run run) {
        this.context = context;
        this.run = run;
    }

    /**
     * Starts a run. Waits for a teacher, whose LM head it needs; everything else is waited for by the run itself.
     *
     * @return fails with the key, file or peer and the remedy in its message
     */
    public static Future<LearnerService> start(Vertx vertx, LearnerConfig config, MeterRegistry registry) {
        Context context = vertx.getOrCreateContext();
        Promise<LearnerService> started = Promise.promise();
        context.runOnContext(
                now -> Future.future((Promise<LearnerConfig> checked) -> checked.complete(config.checked()))
                        .compose(checked -> new RunAssembly(vertx, context, checked, registry).assemble())
                        .map(run -> new LearnerService(context, run))
                        .onComplete(started));
        return started.future();
    }

    /** The totals when the run has ended; fails if it cannot go on. The door stays open. */
    public Future<RunSummary> completion() {
        return run.loop().completion();
    }

    /** The port that it listens on. */
    public int port() {
        return run.server().port();
    }

    /** Ends the run after the step that is going on, writes a checkpoint, tells the clients, and closes. */
    public Future<Void> drain(Duration limit) {
        Promise<Void> drained = Promise.promise();
        context.runOnContext(now -> {
            run.server().notServing();
            run.loop().stop("drained");
            run.loop()
                    .completion()
                    .transform(ended -> run.server().drain(limit))
                    .eventually(this::close)
                    .onComplete(drained);
        });
        return drained.future();
    }

    /** Ends everything at once; what was not in a checkpoint is lost. */
    public Future<Void> close() {
        Promise<Void> closed = Promise.promise();
        context.runOnContext(now -> run.close().onComplete(closed));
        return closed.future();
    }
}
