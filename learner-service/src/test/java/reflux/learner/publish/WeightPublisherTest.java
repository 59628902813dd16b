// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;
import reflux.rpc.InboundStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcException;
import reflux.rpc.RpcServer;
import reflux.rpc.ServerSettings;
import reflux.rpc.StreamWriter;
import reflux.v1.GeneratorCard;
import reflux.v1.Live;
import reflux.v1.PublishIn;
import reflux.v1.PublishOut;
import reflux.v1.Resume;
import reflux.v1.StudentGeneratorGrpcService;
import reflux.v1.WeightsManifest;
import reflux.wire.TensorAssembler;

@Timeout(60)
class WeightPublisherTest {
    private static final int BYTES = 600_000;

    /** A generator that only takes weights, and breaks off its first transfer after one frame if told to. */
    private static final class FakeGenerator {
        final List<Long> versions = new CopyOnWriteArrayList<>();
        final List<Long> offsets = new CopyOnWriteArrayList<>();
        volatile long live;
        volatile boolean breaksOff;
        private TensorAssembler assembler = TensorAssembler.of(List.of(), 0);
        private WeightsManifest manifest = WeightsManifest.getDefaultInstance();

        Future<Integer> start(Vertx vertx) {
            return RpcServer.create(
                            vertx, ServerSettings.at("127.0.0.1", 0), StudentGeneratorGrpcService.SERVICE_DESCRIPTOR)
                    .unary(
                            StudentGeneratorGrpcService.Describe,
                            request -> Future.succeededFuture(GeneratorCard.newBuilder()
                                    .setLivePolicyVersion(live)
                                    .build()))
                    .bidi(StudentGeneratorGrpcService.PublishWeights, this::publish)
                    .start();
        }

        private void publish(InboundStream<PublishIn> in, StreamWriter<PublishOut> out) {
            in.read(message -> {
                if (message.hasManifest()) {
                    begin(message.getManifest(), out);
                } else if (breaksOff && assembler.received() > 0) {
                    breaksOff = false;
                    out.fail(new reflux.wire.NotReadyException("broken off"));
                } else {
                    assembler.accept(message.getFrame());
                    if (assembler.isComplete()) {
                        live = manifest.getPolicyVersion();
                        versions.add(live);
                        out.write(PublishOut.newBuilder()
                                .setLive(Live.newBuilder().setPolicyVersion(live))
                                .build());
                        out.end();
                    }
                }
            });
        }

        private void begin(WeightsManifest announced, StreamWriter<PublishOut> out) {
            if (!announced.getDigest().equals(manifest.getDigest()) || assembler.isComplete()) {
                assembler = TensorAssembler.of(announced.getTensorsList(), announced.getTotalBytes());
            }
            manifest = announced;
            offsets.add(assembler.received());
            out.write(PublishOut.newBuilder()
                    .setResume(Resume.newBuilder().setOffset(assembler.received()))
                    .build());
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final FakeGenerator first = new FakeGenerator();
    private final FakeGenerator second = new FakeGenerator();
    private final List<Long> lives = new CopyOnWriteArrayList<>();
    private Promise<Void> wanted = Promise.promise();
    private long wantedLive;
    private int wantedGenerators;
    private WeightPublisher publisher;

    @BeforeEach
    void start() throws Exception {
        List<PeerAddress> addresses = new ArrayList<>();
        addresses.add(new PeerAddress("127.0.0.1", await(first.start(vertx))));
        addresses.add(new PeerAddress("127.0.0.1", await(second.start(vertx))));
        publisher = onContext(() -> {
            WeightPublisher made = new WeightPublisher(vertx, "test", "00ff", addresses, new Heard());
            made.start();
            return made;
        });
    }

    @AfterEach
    void closeVertx() throws Exception {
        await(vertx.close());
    }

    @Test
    void newVersion_isLiveWhenAllGeneratorsServeIt() throws Exception {
        publish(1);
        awaitLive(1, 2);

        assertThat(first.manifest.getExpect().getTokenizer()).isEqualTo("00ff");
        assertThat(first.versions).containsExactly(1L);
        assertThat(second.versions).containsExactly(1L);
    }

    @Test
    void manyVersionsAtOnce_endWithTheNewestAndNeverGoBack() throws Exception {
        for (int version = 1; version <= 6; version++) {
            publish(version);
        }
        awaitLive(6, 2);

        assertThat(first.versions).isSorted().endsWith(6L);
        assertThat(lives).isSorted();
    }

    @Test
    void transferBrokenOff_goesOnWhereItStopped() throws Exception {
        first.breaksOff = true;

        publish(1);
        awaitLive(1, 2);

        assertThat(first.offsets).hasSize(2).startsWith(0L);
        assertThat(first.offsets.get(1)).isPositive();
    }

    @Test
    void restartedGenerator_isGivenTheNewestAgain() throws Exception {
        publish(3);
        awaitLive(3, 2);

        first.live = 0;
        awaitLive(3, 1);
        awaitLive(3, 2);

        assertThat(first.versions).containsExactly(3L, 3L);
        assertThat(second.versions).containsExactly(3L);
    }

    @Test
    void sameVersionOfAnotherRun_isReplaced() throws Exception {
        first.live = 3;

        publish(3);
        awaitLive(3, 2);

        assertThat(first.versions).containsExactly(3L);
    }

    private void publish(long version) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).putLong(0, version);
        TensorInfo info = TensorInfo.of("w", DataType.F32, List.of(BYTES / 4L));
        await(onContext(() -> publisher.publish(new WeightSnapshot(version, List.of(info), List.of(bytes)))));
    }

    /** Until {@code live} is that and so many generators serve it. */
    private void awaitLive(long live, int generators) throws Exception {
        await(onContext(() -> {
            wanted = Promise.promise();
            wantedLive = live;
            wantedGenerators = generators;
            look();
            return wanted.future();
        }));
    }

    private void look() {
        if (publisher.live() == wantedLive && publisher.upToDate().size() == wantedGenerators) {
            wanted.tryComplete();
        }
    }

    private final class Heard implements WeightPublisher.Listener {
        @Override
        public void liveChanged() {
            lives.add(publisher.live());
            look();
        }

        @Override
        public void published(long version, PeerAddress generator, double seconds) {}

        @Override
        public void refused(PeerAddress generator, RpcException cause) {
            wanted.tryFail(cause);
        }
    }

    private <T> T onContext(Callable<T> work) throws Exception {
        Promise<T> done = Promise.promise();
        context.runOnContext(now -> {
            try {
                done.complete(work.call());
            } catch (Exception e) {
                done.fail(e);
            }
        });
        return await(done.future());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(50, TimeUnit.SECONDS);
    }
}
