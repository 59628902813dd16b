// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.generator.publish.StagedWeights;
import reflux.generator.publish.WeightStaging;
import reflux.generator.sampling.PolicySlot;
import reflux.generator.sampling.StalePolicyException;
import reflux.rpc.InboundStream;
import reflux.rpc.RpcException;
import reflux.rpc.StreamWriter;
import reflux.v1.Live;
import reflux.v1.LoraAdapter;
import reflux.v1.ModelCard;
import reflux.v1.PublishIn;
import reflux.v1.PublishOut;
import reflux.v1.Resume;
import reflux.v1.TensorFrame;
import reflux.v1.WeightsManifest;
import reflux.wire.FingerprintCheck;

/**
 * Takes new weights: staged beside the live ones, checked as a whole away from the event loop, swapped between two decode steps.
 * Until then, and whatever goes wrong, the old policy serves.
 */
final class WeightDoor {
    private static final Logger log = LoggerFactory.getLogger(WeightDoor.class);

    /** A version that is live, by number and digest, so that a client that lost the answer may ask again. */
    private record LiveWeights(long version, ByteString digest, LoraAdapter adapter) {
        static final LiveWeights BASE = new LiveWeights(0, ByteString.EMPTY, LoraAdapter.getDefaultInstance());

        static LiveWeights of(WeightsManifest manifest) {
            return new LiveWeights(manifest.getPolicyVersion(), manifest.getDigest(), manifest.getAdapter());
        }
    }

    private final Vertx vertx;
    private final ModelCard card;
    private final PolicySlot policy;
    private final WeightStaging staging;
    private final Timer publishes;
    private final AtomicReference<LiveWeights> live = new AtomicReference<>(LiveWeights.BASE);

    WeightDoor(Vertx vertx, ModelCard card, PolicySlot policy, MeterRegistry registry) {
        this.vertx = vertx;
        this.card = card;
        this.policy = policy;
        this.staging = new WeightStaging(policy.layout(), policy::layout);
        this.publishes = Timer.builder("reflux_generator_publish_seconds")
                .description("From a manifest's arrival until its weights are live")
                .register(registry);
    }

    void serve(InboundStream<PublishIn> inbound, StreamWriter<PublishOut> writer) {
        Publication publication = new Publication(vertx.getOrCreateContext(), writer);
        inbound.onEnd(publication::ended);
        inbound.read(publication::receive);
    }

    /** One client's stream. Confined to the stream's context. */
    private final class Publication {
        private final Context context;
        private final StreamWriter<PublishOut> writer;
        private final long startNanos = System.nanoTime();
        private WeightsManifest manifest = WeightsManifest.getDefaultInstance();
        private WeightStaging.@Nullable Transfer transfer;
        private boolean isOver;

        Publication(Context context, StreamWriter<PublishOut> writer) {
            this.context = context;
            this.writer = writer;
        }

        void receive(PublishIn message) {
            if (isOver) {
                throw new IllegalArgumentException("nothing may follow the last frame");
            }
            switch (message.getKindCase()) {
                case MANIFEST -> begin(message.getManifest());
                case FRAME -> accept(message.getFrame());
                case KIND_NOT_SET -> throw new IllegalArgumentException("a message must be a manifest or a frame");
            }
        }

        /** The client half-closed; before the last byte that breaks the transfer off. */
        void ended() {
            if (!isOver) {
                long received = transfer == null ? 0 : transfer.offset();
                writer.fail(RpcException.of(
                        GrpcStatus.ABORTED,
                        "the transfer ended after " + received + " of " + manifest.getTotalBytes()
                                + " bytes, which are kept"));
            }
        }

        private void begin(WeightsManifest announced) {
            if (transfer != null) {
                throw new IllegalArgumentException("a stream carries one manifest");
            }
            manifest = announced;
            FingerprintCheck.require(
                    manifest.getExpect(),
                    card.getFingerprints(),
                    manifest.getClientId(),
                    "generator " + card.getName());
            if (LiveWeights.of(manifest).equals(live.get())) {
                resumeAt(manifest.getTotalBytes());
                sayLive(0, 0);
                return;
            }
            requireTaken();
            transfer = staging.begin(manifest);
            resumeAt(transfer.offset());
            makeLiveWhenComplete(transfer);
        }

        private void requireTaken() {
            long offered = manifest.getPolicyVersion();
            try {
                policy.requireTaken(manifest.getClientId(), offered);
            } catch (StalePolicyException stale) {
                throw told(stale);
            }
            if (Long.compareUnsigned(offered, policy.liveVersion()) <= 0) {
                log.info(
                        "another publisher goes back client={} policyVersion={} liveVersion={}",
                        manifest.getClientId(),
                        Long.toUnsignedString(offered),
                        Long.toUnsignedString(policy.liveVersion()));
            }
        }

        private void accept(TensorFrame frame) {
            if (transfer == null) {
                throw new IllegalArgumentException("the first message must be the manifest");
            }
            transfer.accept(frame);
            makeLiveWhenComplete(transfer);
        }

        private void makeLiveWhenComplete(WeightStaging.Transfer whole) {
            if (!whole.isComplete()) {
                return;
            }
            isOver = true;
            StagedWeights weights = whole.takeOut();
            Future<Long> checked = vertx.executeBlocking(
                    () -> {
                        weights.requireAnnouncedDigest();
                        if (weights.adapter().isPresent()) {
                            policy.base().require(weights.baseFingerprint());
                        }
                        return (System.nanoTime() - startNanos) / 1000;
                    },
                    false);
            checked.compose(stagedMicros -> Future.fromCompletionStage(swap(weights), context)
                            .map(swapMicros -> {
                                announce(stagedMicros, swapMicros);
                                return swapMicros;
                            }))
                    .onComplete(done -> weights.close())
                    .onFailure(cause -> writer.fail(told(cause)));
        }

        private CompletableFuture<Long> swap(StagedWeights weights) {
            String publisher = manifest.getClientId();
            long version = manifest.getPolicyVersion();
            return weights.adapter()
                    .map(adapter -> policy.swap(publisher, version, adapter, weights))
                    .orElseGet(() -> policy.swap(publisher, version, weights));
        }

        private void announce(long stagedMicros, long swapMicros) {
            live.set(LiveWeights.of(manifest));
            publishes.record(Duration.ofNanos(System.nanoTime() - startNanos));
            log.info(
                    "policy live policyVersion={} bytes={} stagedMicros={} swapMicros={}",
                    manifest.getPolicyVersion(),
                    manifest.getTotalBytes(),
                    stagedMicros,
                    swapMicros);
            sayLive(stagedMicros, swapMicros);
        }

        private void resumeAt(long offset) {
            writer.write(PublishOut.newBuilder()
                    .setResume(Resume.newBuilder().setOffset(offset))
                    .build());
        }

        private void sayLive(long stagedMicros, long swapMicros) {
            isOver = true;
            writer.write(PublishOut.newBuilder()
                    .setLive(Live.newBuilder()
                            .setPolicyVersion(manifest.getPolicyVersion())
                            .setStagedMicros(micros(stagedMicros))
                            .setSwapMicros(micros(swapMicros)))
                    .build());
            writer.end();
        }

        private static int micros(long value) {
            return (int) Math.min(value, Integer.MAX_VALUE);
        }

        private static RuntimeException told(Throwable cause) {
            Throwable root =
                    cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
            if (root instanceof StalePolicyException) {
                return RpcException.of(GrpcStatus.FAILED_PRECONDITION, String.valueOf(root.getMessage()));
            }
            return root instanceof RuntimeException known ? known : new IllegalStateException(root);
        }
    }
}
