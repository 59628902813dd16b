// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import io.vertx.core.Vertx;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.EventLoops;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.LearnerGrpcClient;
import reflux.v1.RunEvent;
import reflux.v1.WatchRequest;

/**
 * The events of a learner's run as a queue, from its beginning. Connects again until the learner is there; one that has told
 * the run's end is not connected to again.
 */
final class RunWatch implements AutoCloseable {
    private static final long RETRY_MILLIS = 500;

    private final Vertx vertx = EventLoops.open();
    private final BlockingQueue<RunEvent> events = new LinkedBlockingQueue<>();
    private final RpcClient client;
    private volatile boolean isOver;

    RunWatch(PeerAddress learner) {
        this.client = RpcClient.create(vertx, learner, ClientSettings.defaults());
        connect();
    }

    /** The next event, or null if there is none within that time. */
    @Nullable
    RunEvent next(long millis) throws InterruptedException {
        return events.poll(millis, TimeUnit.MILLISECONDS);
    }

    private void connect() {
        ClientStream<WatchRequest, RunEvent> stream = client.serverStream(
                LearnerGrpcClient.Watch,
                WatchRequest.newBuilder().setReplay(events.isEmpty()).build(),
                this::accept);
        stream.completed().onComplete(ended -> {
            if (!isOver) {
                vertx.setTimer(RETRY_MILLIS, timer -> connect());
            }
        });
    }

    private void accept(RunEvent event) {
        isOver |= event.hasFinished();
        events.add(event);
    }

    @Override
    public void close() {
        isOver = true;
        client.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
