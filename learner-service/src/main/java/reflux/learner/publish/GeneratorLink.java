// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.v1.DescribeGeneratorRequest;
import reflux.v1.GeneratorCard;
import reflux.v1.Live;
import reflux.v1.PublishIn;
import reflux.v1.PublishOut;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.wire.TensorFrames;

/**
 * One generator's weights, brought to the newest version and kept there: it is asked which version is live, and whenever that
 * is not the newest, the newest is sent. Confined to the learner's context.
 */
final class GeneratorLink {
    private static final Logger log = LoggerFactory.getLogger(GeneratorLink.class);
    private static final Duration DESCRIBE_LIMIT = Duration.ofSeconds(2);
    private static final long TRANSFER_LIMIT_MINUTES = 10;

    private final RpcClient client;
    private final WeightPublisher publisher;
    private long live = WeightPublisher.UNKNOWN;
    private boolean isBusy;

    GeneratorLink(Vertx vertx, PeerAddress address, WeightPublisher publisher) {
        this.client = RpcClient.create(vertx, address, ClientSettings.defaults());
        this.publisher = publisher;
    }

    PeerAddress address() {
        return client.peer();
    }

    /** Version that the generator serves; UNKNOWN while it is away. */
    long live() {
        return live;
    }

    /** Asks what is live, and sends the newest version if that is another. Does nothing while it is doing so already. */
    void reconcile() {
        if (isBusy) {
            return;
        }
        isBusy = true;
        client.call(StudentGeneratorGrpcClient.Describe, DescribeGeneratorRequest.getDefaultInstance(), DESCRIBE_LIMIT)
                .compose(this::bringUp)
                .onFailure(this::failed)
                .onComplete(done -> {
                    isBusy = false;
                    if (done.succeeded() && publisher.newest() != null && live != publisher.newestVersion()) {
                        reconcile();
                    }
                });
    }

    Future<Void> close() {
        return client.close();
    }

    private Future<Void> bringUp(GeneratorCard card) {
        if (card.getLivePolicyVersion() < live) {
            live = WeightPublisher.UNKNOWN;
            publisher.changed();
        }
        Publication newest = publisher.newest();
        if (newest == null) {
            return Future.succeededFuture();
        }
        if (card.getLivePolicyVersion() == newest.version() && isOurs(newest.version())) {
            isLive(newest.version());
            return Future.succeededFuture();
        }
        return send(newest);
    }

    /** Whether a live version of this number is surely ours: another run may have published one, which only its hash tells. */
    private boolean isOurs(long version) {
        return version == live || version == 0;
    }

    private Future<Void> send(Publication publication) {
        long started = System.nanoTime();
        publication.hold();
        return new Transfer(publication)
                .run()
                .timeout(TRANSFER_LIMIT_MINUTES, TimeUnit.MINUTES)
                .onComplete(over -> publication.letGo())
                .map(done -> {
                    double seconds = (System.nanoTime() - started) / 1e9;
                    log.debug(
                            "published policyVersion={} generator={} seconds={} swapMicros={}",
                            done.getPolicyVersion(),
                            address(),
                            seconds,
                            done.getSwapMicros());
                    isLive(done.getPolicyVersion());
                    publisher.published(done.getPolicyVersion(), address(), seconds);
                    return null;
                });
    }

    private void isLive(long version) {
        if (live != version) {
            live = version;
            publisher.changed();
        }
    }

    private void failed(Throwable cause) {
        if (live != WeightPublisher.UNKNOWN) {
            log.warn("generator has no current weights generator={} cause={}", address(), cause.getMessage());
            live = WeightPublisher.UNKNOWN;
            publisher.changed();
        }
        if (cause instanceof RpcException told && isFinal(told)) {
            publisher.refused(address(), told);
        }
    }

    /** Whether the generator would say the same to the next attempt. */
    private static boolean isFinal(RpcException cause) {
        return switch (cause.status()) {
            case FAILED_PRECONDITION, INVALID_ARGUMENT, UNIMPLEMENTED -> true;
            default -> false;
        };
    }

    /** One PublishWeights stream. */
    private final class Transfer {
        private final Publication publication;
        private final Promise<Live> live = Promise.promise();
        private @Nullable ClientStream<PublishIn, PublishOut> stream;

        Transfer(Publication publication) {
            this.publication = publication;
        }

        Future<Live> run() {
            ClientStream<PublishIn, PublishOut> opened =
                    client.bidi(StudentGeneratorGrpcClient.PublishWeights, publication.announcement(), this::answer);
            stream = opened;
            opened.completed()
                    .onComplete(ended -> live.tryFail(
                            ended.failed()
                                    ? ended.cause()
                                    : new IllegalStateException("the generator ended the transfer without Live")));
            return live.future();
        }

        private void answer(PublishOut message) {
            if (message.hasLive()) {
                live.tryComplete(message.getLive());
                opened().writer().end();
            } else if (message.hasResume()) {
                next(publication.framesFrom(message.getResume().getOffset()));
            }
        }

        /** Sends until the generator has to read first. */
        private void next(TensorFrames frames) {
            while (frames.hasNext()) {
                PublishIn frame = PublishIn.newBuilder().setFrame(frames.next()).build();
                Future<Void> written = opened().writer().write(frame);
                if (!written.succeeded()) {
                    written.onSuccess(later -> next(frames));
                    return;
                }
            }
            opened().writer().end();
        }

        private ClientStream<PublishIn, PublishOut> opened() {
            if (stream == null) {
                throw new IllegalStateException("answered before it was opened");
            }
            return stream;
        }
    }
}
