// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.v1.Live;
import reflux.v1.PublishIn;
import reflux.v1.PublishOut;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.v1.TensorFrame;
import reflux.v1.WeightsManifest;
import reflux.wire.PieceSums;
import reflux.wire.TensorFrames;

class GeneratorPublishTest {
    @TempDir
    static Path files;

    private static Vertx vertx;
    private static Path base;
    private static Path trained;
    private GeneratorService generator;
    private RpcClient learner;

    @BeforeAll
    static void write() {
        vertx = Vertx.vertx();
        base = StudentFiles.write(files.resolve("base"), 1);
        trained = StudentFiles.write(files.resolve("trained"), 2);
    }

    @AfterAll
    static void stop() {
        Waiting.on(vertx.close());
    }

    @BeforeEach
    void start() {
        generator = start(base);
        learner = RpcClient.create(vertx, new PeerAddress("127.0.0.1", generator.port()), ClientSettings.defaults());
    }

    @AfterEach
    void close() {
        Waiting.on(learner.close());
        Waiting.on(generator.drain(Duration.ZERO));
    }

    @Test
    void publishedWeights_sampleLikeAGeneratorLoadedWithThem() {
        SampleClient client = SampleClient.connect(vertx, generator.port(), 4);
        client.send(SampleClient.request("before", "the", 5));
        List<Integer> before = client.sampled("before").ids;

        Publication publication = publish(StudentFiles.manifest(trained, 1), 0);
        Live live = Waiting.on(publication.live);
        client.send(SampleClient.request("after", "the", 5));

        assertThat(live.getPolicyVersion()).isEqualTo(1);
        assertThat(publication.resume).isCompletedWithValue(0L);
        client.send(SampleClient.request("given", "the", 5).setGivenResponse(ByteString.copyFromUtf8("student")));
        assertThat(client.sampled("after").versions).containsOnly(1L);
        assertThat(client.sampled("given").versions).containsOnly(1L);
        assertThat(client.item("before").versions).containsOnly(0L);
        GeneratorService fresh = start(trained);
        SampleClient other = SampleClient.connect(vertx, fresh.port(), 4);
        other.send(SampleClient.request("fresh", "the", 5));
        assertThat(client.item("after").ids)
                .isEqualTo(other.sampled("fresh").ids)
                .isNotEqualTo(before);
        assertThat(client.item("after").logProbs).isEqualTo(other.item("fresh").logProbs);
        other.close();
        client.close();
        Waiting.on(fresh.drain(Duration.ZERO));
    }

    @Test
    void f32WeightsForABf16Generator_areRoundedAsWhenLoaded() {
        GeneratorService narrow = start(base, "bf16");
        GeneratorService fresh = start(trained, "bf16");
        Waiting.on(learner.close());
        learner = RpcClient.create(vertx, new PeerAddress("127.0.0.1", narrow.port()), ClientSettings.defaults());

        Waiting.on(publish(StudentFiles.manifest(trained, 1), 0).live);

        SampleClient published = SampleClient.connect(vertx, narrow.port(), 4);
        SampleClient loaded = SampleClient.connect(vertx, fresh.port(), 4);
        published.send(SampleClient.request("a", "the", 5));
        loaded.send(SampleClient.request("a", "the", 5));
        assertThat(published.sampled("a").ids).isEqualTo(loaded.sampled("a").ids);
        assertThat(published.item("a").versions).containsOnly(1L);
        published.close();
        loaded.close();
        Waiting.on(narrow.close());
        Waiting.on(fresh.close());
    }

    @Test
    void weightsOfAnotherTokenizer_areRefusedThoughTheirShapesFit() {
        WeightsManifest.Builder manifest = StudentFiles.manifest(trained, 1).toBuilder();
        manifest.getExpectBuilder().setTokenizer("00ff");

        Publication publication = new Publication(manifest.build());

        publication.assertRefused(
                GrpcStatus.FAILED_PRECONDITION, "tokenizer differs: learner@test expects 00ff, generator base has ");
        assertOldPolicyServes();
    }

    @Test
    void corruptFrame_isDataLossAndTheOldPolicyServes() {
        Publication publication = new Publication(StudentFiles.manifest(trained, 1));
        TensorFrame good = TensorFrames.cut("", StudentFiles.bytes(trained)).next();
        publication.send(good.toBuilder().setCrc32C(good.getCrc32C() ^ 1).build());

        publication.assertRefused(GrpcStatus.DATA_LOSS, "CRC-32C");

        assertOldPolicyServes();
        assertThat(Waiting.on(publish(StudentFiles.manifest(trained, 1), 0).live)
                        .getPolicyVersion())
                .isEqualTo(1);
    }

    @Test
    void wrongHash_isDataLossAndTheOldPolicyServes() {
        WeightsManifest manifest = StudentFiles.manifest(trained, 1).toBuilder()
                .setDigest(ByteString.copyFrom(new byte[32]))
                .build();

        publish(manifest, 0).assertRefused(GrpcStatus.DATA_LOSS, "digest of policy version 1");

        assertOldPolicyServes();
    }

    @Test
    void interruptedTransfer_resumesFromItsOffset() {
        WeightsManifest manifest = StudentFiles.manifest(trained, 1);
        Publication first = new Publication(manifest);
        TensorFrames frames = TensorFrames.cut("", StudentFiles.bytes(trained));
        long sent = 0;
        for (int i = 0; i < 3; i++) {
            TensorFrame frame = frames.next();
            sent += frame.getData().size();
            first.send(frame);
        }
        Waiting.on(first.resume);
        first.stream.writer().end();
        first.assertRefused(GrpcStatus.ABORTED, "which are kept");
        assertOldPolicyServes();

        Publication second = publish(manifest, sent);

        assertThat(Waiting.on(second.resume)).isEqualTo(sent);
        assertThat(Waiting.on(second.live).getPolicyVersion()).isEqualTo(1);
    }

    @Test
    void olderAndEqualVersions_areRefusedButTheSameWeightsAgainAreLive() {
        Waiting.on(publish(StudentFiles.manifest(trained, 3), 0).live);

        publish(StudentFiles.manifest(base, 2), 0)
                .assertRefused(GrpcStatus.FAILED_PRECONDITION, "policy version 2 is not newer than the live version 3");
        publish(StudentFiles.manifest(base, 3), 0).assertRefused(GrpcStatus.FAILED_PRECONDITION, "version 3");

        WeightsManifest again = StudentFiles.manifest(trained, 3);
        Publication repeated = new Publication(again);
        assertThat(Waiting.on(repeated.live).getPolicyVersion()).isEqualTo(3);
        assertThat(repeated.resume).isCompletedWithValue(again.getTotalBytes());
    }

    @Test
    void olderVersionOfAnotherClient_takesOverForGood() {
        Waiting.on(publish(StudentFiles.manifest(trained, 110), 0).live);
        Publication brokenOff = new Publication(StudentFiles.manifest(trained, 111));
        brokenOff.send(TensorFrames.cut("", StudentFiles.bytes(trained)).next());
        brokenOff.stream.writer().end();
        brokenOff.assertRefused(GrpcStatus.ABORTED, "which are kept");

        Live live = Waiting.on(publish(resumed(base, 100), 0).live);

        assertThat(live.getPolicyVersion()).isEqualTo(100);
        SampleClient client = SampleClient.connect(vertx, generator.port(), 4);
        client.send(SampleClient.request("a", "the", 5));
        assertThat(client.sampled("a").versions).containsOnly(100L);
        client.close();
        publish(resumed(trained, 99), 0)
                .assertRefused(GrpcStatus.FAILED_PRECONDITION, "version 99 is not newer than the live version 100");
        assertThat(Waiting.on(publish(resumed(trained, 101), 0).live).getPolicyVersion())
                .isEqualTo(101);
        publish(StudentFiles.manifest(trained, 112), 0)
                .assertRefused(GrpcStatus.FAILED_PRECONDITION, "learner@test, from which another has taken over");
    }

    private static WeightsManifest resumed(Path weights, long version) {
        return StudentFiles.manifest(weights, version).toBuilder()
                .setClientId("resumed@test")
                .build();
    }

    @Test
    void otherModelsWeights_areRefusedNamingTheDifference() {
        WeightsManifest manifest = StudentFiles.manifest(trained, 1);
        WeightsManifest renamed = manifest.toBuilder()
                .setTensors(0, manifest.getTensors(0).toBuilder().setName("something.else"))
                .build();

        publish(renamed, 0).assertRefused(GrpcStatus.FAILED_PRECONDITION, "something.else is not a weight");

        assertOldPolicyServes();
    }

    @Test
    void frameBeforeManifest_isRefused() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        PublishIn first = PublishIn.newBuilder()
                .setFrame(TensorFrame.getDefaultInstance())
                .build();
        learner.bidi(StudentGeneratorGrpcClient.PublishWeights, first, message -> {})
                .completed()
                .onSuccess(ended::complete)
                .onFailure(ended::completeExceptionally);

        assertThatThrownBy(() -> Waiting.on(ended)).hasMessageContaining("manifest");
    }

    @Test
    void rolloutsUnderWay_goOnWithTheNewWeightsAndSaySo() {
        SampleClient client = SampleClient.connect(vertx, generator.port(), 64);
        for (int i = 0; i < 48; i++) {
            client.send(SampleClient.request("r" + i, "the", i));
        }

        Waiting.on(publish(StudentFiles.manifest(trained, 1), 0).live);

        boolean sawNew = false;
        for (int i = 0; i < 48; i++) {
            List<Long> versions = client.sampled("r" + i).versions;
            assertThat(versions).isSorted();
            sawNew |= versions.contains(1L);
        }
        client.send(SampleClient.request("last", "the", 1));
        sawNew |= client.sampled("last").versions.contains(1L);
        assertThat(sawNew).isTrue();
        client.close();
    }

    private void assertOldPolicyServes() {
        SampleClient client = SampleClient.connect(vertx, generator.port(), 4);
        client.send(SampleClient.request("old", "the", 5));
        assertThat(client.sampled("old").versions).containsOnly(0L);
        client.close();
    }

    private Publication publish(WeightsManifest manifest, long from) {
        ByteString ofBase = StudentFiles.manifest(base, 0).getDigest();
        Path source = manifest.getDigest().equals(ofBase) ? base : trained;
        Publication publication = new Publication(manifest);
        List<ByteBuffer> bytes = StudentFiles.bytes(source);
        TensorFrames frames = TensorFrames.cutFrom("", bytes, PieceSums.of(bytes), from);
        while (frames.hasNext()) {
            publication.send(frames.next());
        }
        return publication;
    }

    private static GeneratorService start(Path model) {
        return start(model, "f32");
    }

    private static GeneratorService start(Path model, String dtype) {
        return Waiting.on(GeneratorService.start(
                vertx,
                new GeneratorConfig(
                        model.toString(),
                        "127.0.0.1:0",
                        List.of(),
                        1,
                        dtype,
                        "cpu",
                        4,
                        64,
                        64,
                        0,
                        256,
                        8,
                        null,
                        null)));
    }

    /** A learner's end of one PublishWeights stream. */
    private final class Publication {
        final CompletableFuture<Long> resume = new CompletableFuture<>();
        final CompletableFuture<Live> live = new CompletableFuture<>();
        final ClientStream<PublishIn, PublishOut> stream;

        Publication(WeightsManifest manifest) {
            stream = learner.bidi(
                    StudentGeneratorGrpcClient.PublishWeights,
                    PublishIn.newBuilder().setManifest(manifest).build(),
                    message -> {
                        if (message.hasResume()) {
                            resume.complete(message.getResume().getOffset());
                        } else {
                            live.complete(message.getLive());
                        }
                    });
            stream.completed().onFailure(live::completeExceptionally);
        }

        void send(TensorFrame frame) {
            stream.writer().write(PublishIn.newBuilder().setFrame(frame).build());
        }

        void assertRefused(GrpcStatus status, String part) {
            assertThatThrownBy(() -> Waiting.on(live))
                    .isInstanceOfSatisfying(RpcException.class, told -> assertThat(told.status())
                            .isEqualTo(status))
                    .hasMessageContaining(part);
        }
    }
}
