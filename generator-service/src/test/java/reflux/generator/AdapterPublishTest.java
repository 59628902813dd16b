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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Lora;
import reflux.model.decoder.MergedWeights;
import reflux.model.decoder.Parameter;
import reflux.model.decoder.Weights;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.LoraConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.hf.WeightsFingerprint;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.v1.Live;
import reflux.v1.LoraAdapter;
import reflux.v1.PublishIn;
import reflux.v1.PublishOut;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.v1.WeightsManifest;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;
import reflux.wire.WeightsDigest;

/** A learner that publishes an adapter only. Seeds 1 and 2. */
class AdapterPublishTest {
    private static final LoraConfig LORA = new LoraConfig(4, 8, 0, List.of("c_attn", "c_fc"), true);

    @TempDir
    static Path files;

    private static Vertx vertx;
    private static Path base;
    private static Path merged;
    private static WeightsManifest manifest;
    private static List<ByteBuffer> bytes;

    @BeforeAll
    static void write() {
        vertx = Vertx.vertx();
        base = StudentFiles.write(files.resolve("base"), 1);
        merged = files.resolve("merged");
        ModelDirectory directory = ModelDirectory.open(base);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("adapter-writer", 1))) {
            thread.call(engine -> {
                try (Decoder decoder = Lora.fresh(engine, directory, LORA, 2)) {
                    for (Parameter parameter : decoder.weights().parameters()) {
                        double[] values = new SplittableRandom(2)
                                .doubles(parameter.value().count(), -0.3, 0.3)
                                .toArray();
                        try (Scope scope = engine.scope().child()) {
                            engine.copy(scope.doubles(values, parameter.value().shape()), parameter.value());
                        }
                    }
                    MergedWeights whole = new MergedWeights(decoder);
                    ModelDirectory.write(
                            merged,
                            directory.config(),
                            directory.generation(),
                            whole.infos(),
                            whole::bytes,
                            base,
                            DataType.F32);
                    announce(Lora.adapter(decoder).orElseThrow());
                }
                return true;
            });
        }
    }

    private static void announce(Weights adapter) {
        WeightsManifest.Builder made =
                WeightsManifest.newBuilder().setPolicyVersion(1).setClientId("learner@test");
        bytes = new ArrayList<>();
        long total = 0;
        for (TensorInfo info : adapter.infos()) {
            long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
            made.addTensors(TensorHeaders.of(info.name(), reflux.v1.DataType.DATA_TYPE_F32, shape));
            ByteBuffer copy = ByteBuffer.allocate((int) info.bytes())
                    .put(adapter.bytes(info.name()))
                    .flip();
            bytes.add(copy);
            total += info.bytes();
        }
        try (TensorSource weights = ModelDirectory.open(base).openWeights()) {
            made.setAdapter(LoraAdapter.newBuilder()
                    .setR(LORA.rank())
                    .setLoraAlpha(LORA.alpha())
                    .setUseRslora(true)
                    .addAllTargetModules(LORA.targetModules())
                    .setBaseFingerprint(WeightsFingerprint.of(weights)));
        }
        manifest = made.setTotalBytes(total)
                .setDigest(ByteString.copyFrom(WeightsDigest.of(bytes)))
                .build();
    }

    @AfterAll
    static void stop() {
        Waiting.on(vertx.close());
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "bf16"})
    void publishedAdapter_samplesLikeAGeneratorLoadedWithTheMergedModel(String dtype) {
        GeneratorService generator = start(base, dtype);
        GeneratorService whole = start(merged, dtype);
        SampleClient client = SampleClient.connect(vertx, generator.port(), 4);
        SampleClient other = SampleClient.connect(vertx, whole.port(), 4);
        client.send(SampleClient.request("before", "the", 5));
        List<Integer> before = client.sampled("before").ids;

        Live live = Waiting.on(publish(generator, manifest));

        client.send(SampleClient.request("after", "the", 5));
        other.send(SampleClient.request("after", "the", 5));
        assertThat(live.getPolicyVersion()).isEqualTo(1);
        assertThat(client.sampled("after").versions).containsOnly(1L);
        assertThat(client.item("after").ids)
                .isEqualTo(other.sampled("after").ids)
                .isNotEqualTo(before);
        client.close();
        other.close();
        Waiting.on(generator.drain(Duration.ZERO));
        Waiting.on(whole.drain(Duration.ZERO));
    }

    @Test
    void adapterAfterWholeWeights_isFoldedIntoTheBaseAndNotIntoThem() {
        GeneratorService generator = start(base, "f32");
        GeneratorService whole = start(merged, "f32");
        Path trained = StudentFiles.write(files.resolve("trained"), 3);
        Waiting.on(publish(generator, StudentFiles.manifest(trained, 7), StudentFiles.bytes(trained)));

        WeightsManifest another = manifest.toBuilder().setClientId("another").build();
        Waiting.on(publish(generator, another));

        SampleClient client = SampleClient.connect(vertx, generator.port(), 4);
        SampleClient other = SampleClient.connect(vertx, whole.port(), 4);
        client.send(SampleClient.request("a", "the", 5));
        other.send(SampleClient.request("a", "the", 5));
        assertThat(client.sampled("a").ids).isEqualTo(other.sampled("a").ids);
        client.close();
        other.close();
        Waiting.on(generator.drain(Duration.ZERO));
        Waiting.on(whole.drain(Duration.ZERO));
    }

    @Test
    void adapterThatDoesNotFit_isRefusedWithTheReasonAndTheBaseServes() {
        GeneratorService generator = start(base, "f32");
        WeightsManifest.Builder foreign = manifest.toBuilder();
        foreign.getAdapterBuilder().setBaseFingerprint("0".repeat(64));
        WeightsManifest.Builder wider = manifest.toBuilder();
        wider.getAdapterBuilder().setR(5);
        WeightsManifest.Builder unknown = manifest.toBuilder();
        unknown.getAdapterBuilder().addTargetModules("q_proj");

        assertRefused(
                generator, foreign.build(), GrpcStatus.FAILED_PRECONDITION, "start it with the learner's student");
        assertRefused(generator, wider.build(), GrpcStatus.FAILED_PRECONDITION, "lora_A.weight is [4, 16]");
        assertRefused(generator, unknown.build(), GrpcStatus.INVALID_ARGUMENT, "target module q_proj");

        SampleClient client = SampleClient.connect(vertx, generator.port(), 4);
        client.send(SampleClient.request("a", "the", 5));
        assertThat(client.sampled("a").versions).containsOnly(0L);
        client.close();
        Waiting.on(generator.drain(Duration.ZERO));
    }

    private static void assertRefused(
            GeneratorService generator, WeightsManifest refused, GrpcStatus status, String why) {
        assertThatThrownBy(() -> Waiting.on(publish(generator, refused)))
                .isInstanceOfSatisfying(
                        RpcException.class, told -> assertThat(told.status()).isEqualTo(status))
                .hasMessageContaining(why);
    }

    private static CompletableFuture<Live> publish(GeneratorService generator, WeightsManifest announced) {
        return publish(generator, announced, bytes);
    }

    private static CompletableFuture<Live> publish(
            GeneratorService generator, WeightsManifest announced, List<ByteBuffer> data) {
        RpcClient learner =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", generator.port()), ClientSettings.defaults());
        CompletableFuture<Live> live = new CompletableFuture<>();
        ClientStream<PublishIn, PublishOut> stream = learner.bidi(
                StudentGeneratorGrpcClient.PublishWeights,
                PublishIn.newBuilder().setManifest(announced).build(),
                message -> {
                    if (message.hasLive()) {
                        live.complete(message.getLive());
                    }
                });
        stream.completed().onFailure(live::completeExceptionally);
        TensorFrames frames = TensorFrames.cut("", data);
        while (frames.hasNext()) {
            stream.writer().write(PublishIn.newBuilder().setFrame(frames.next()).build());
        }
        return live.whenComplete((done, cause) -> learner.close());
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
}
