// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.Code;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.v1.DescribeGeneratorRequest;
import reflux.v1.Fingerprints;
import reflux.v1.FinishReason;
import reflux.v1.GeneratorCard;
import reflux.v1.Goodbye;
import reflux.v1.Hello;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.SampleIn;
import reflux.v1.Sampled;
import reflux.v1.Sampling;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.v1.TokenIds;

class GeneratorSamplingTest {
    @TempDir
    static Path files;

    private static Vertx vertx;
    private static Path student;
    private static GeneratorService generator;
    private static SimpleMeterRegistry registry;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        student = StudentFiles.write(files.resolve("student"), 1);
        registry = new SimpleMeterRegistry();
        generator = Waiting.on(GeneratorService.start(vertx, config(student, 8), registry));
    }

    @AfterAll
    static void stop() {
        Waiting.on(generator.drain(Duration.ZERO));
        Waiting.on(vertx.close());
    }

    @Test
    void busyGenerator_givesEachRequestWhatItGetsAlone() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 40)) {
            for (int i = 0; i < 10; i++) {
                client.send(SampleClient.request("alone" + i, "the student " + i, i));
                client.sampled("alone" + i);
            }

            for (int i = 0; i < 30; i++) {
                client.send(SampleClient.request("busy" + i, "the student " + i, i));
            }

            for (int i = 0; i < 10; i++) {
                assertThat(client.sampled("busy" + i).ids).isEqualTo(client.item("alone" + i).ids);
            }
            for (int i = 10; i < 30; i++) {
                client.sampled("busy" + i);
            }
        }
    }

    @Test
    void rollout_tellsTokensThenBytesThatTheySpell() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 4)) {
            client.send(SampleClient.request("a", "the", 7));

            SampleClient.Item item = client.sampled("a");
            Sampled sampled = item.sampled.join();

            assertThat(item.ids).hasSize(sampled.getResponseTokens());
            assertThat(item.deltas).isLessThan(item.ids.size());
            assertThat(item.logProbs).hasSameSizeAs(item.ids).allMatch(p -> p < 0);
            assertThat(item.versions).containsOnly(0L);
            assertThat(sampled.getPromptTokens()).isPositive();
            assertThat(sampled.getResponse().isEmpty()).isFalse();
        }
    }

    @Test
    void severalSamples_areNamedDifferAndTheFirstIsTheSeeds() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 8)) {
            client.send(SampleClient.request("one", "the", 3));
            client.send(SampleClient.request("many", "the", 3).setN(3));

            List<Integer> first = client.sampled("many/0").ids;

            assertThat(first).isEqualTo(client.sampled("one").ids);
            assertThat(client.sampled("many/1").ids).isNotEqualTo(first);
            assertThat(client.sampled("many/2").ids).isNotEqualTo(client.item("many/1").ids);
        }
    }

    @Test
    void stopText_endsTheResponseBeforeIt() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 8)) {
            client.send(SampleClient.request("free", "the", 12));
            String text = client.sampled("free").sampled.join().getResponse().toString(StandardCharsets.ISO_8859_1);
            int ascii = 0;
            while (ascii < text.length() && text.charAt(ascii) >= 128) {
                ascii++;
            }
            String stop = text.substring(ascii, ascii + 1);
            assertThat(stop.charAt(0)).isLessThan((char) 128);

            client.send(stopping(SampleClient.request("stopped", "the", 12), stop));

            Sampled stopped = client.sampled("stopped").sampled.join();
            assertThat(stopped.getFinish()).isEqualTo(FinishReason.FINISH_REASON_STOP_TEXT);
            assertThat(stopped.getResponse().size()).isEqualTo(ascii);
            assertThat(client.item("stopped").ids).hasSize(stopped.getResponseTokens());
        }
    }

    @Test
    void promptOfIds_isSampledAsItIs() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 8)) {
            client.send(SampleClient.request("ids", "", 12)
                    .setPrompt(Prompt.newBuilder()
                            .setIds(TokenIds.newBuilder().addIds(70).addIds(71))));

            assertThat(client.sampled("ids").sampled.join().getPromptTokens()).isEqualTo(2);
        }
    }

    @Test
    void badRequests_areRefusedOneByOneAndReturnTheirCredit() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 8)) {
            client.send(SampleClient.request("empty", "", 1));
            client.send(SampleClient.request("long", "x y ".repeat(100), 1));
            client.send(SampleClient.request("huge", "x".repeat(5000), 1));
            client.send(SampleClient.request("budget", "the", 1)
                    .setSampling(Sampling.newBuilder().setMaxNewTokens(5000)));
            client.send(SampleClient.request("cold", "the", 1)
                    .setSampling(Sampling.newBuilder().setMaxNewTokens(5).setTemperature(-1)));
            client.send(SampleClient.request("ids", "", 1)
                    .setPrompt(Prompt.newBuilder().setIds(TokenIds.newBuilder().addIds(9999))));
            client.send(SampleClient.request("score", "the", 1)
                    .addPayloads(Payload.newBuilder().setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)));
            client.send(SampleClient.request("good", "the", 1));

            assertRefused(client, "empty", Code.INVALID_ARGUMENT, "prompt");
            assertRefused(client, "long", Code.INVALID_ARGUMENT, "prompt must have 1 to 63 tokens");
            assertRefused(client, "huge", Code.INVALID_ARGUMENT, "5000 characters");
            assertRefused(client, "budget", Code.INVALID_ARGUMENT, "max_new_tokens must be 1 to 63, was 5000");
            assertRefused(client, "cold", Code.INVALID_ARGUMENT, "temperature");
            assertRefused(client, "ids", Code.INVALID_ARGUMENT, "9999");
            assertRefused(client, "score", Code.FAILED_PRECONDITION, "no teachers");
            assertThat(client.sampled("good").ids).isNotEmpty();
            client.send(SampleClient.request("later", "the", 1));
            client.sampled("later");
            assertThat(client.credit.get()).isBetween(7, 8);
        }
    }

    @Test
    void moreThanGranted_endsTheStream() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 2)) {
            client.send(SampleClient.request("a", "the", 1).setN(3));

            assertThatThrownBy(() -> Waiting.on(client.stream.completed()))
                    .isInstanceOfSatisfying(RpcException.class, told -> assertThat(told.status())
                            .isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED));
        }
    }

    @Test
    void secondClient_isGrantedAnEqualShare() {
        try (SampleClient first = SampleClient.connect(vertx, generator.port(), 0);
                SampleClient second = SampleClient.connect(vertx, generator.port(), 0)) {
            assertThat(first.credit.get()).isEqualTo(64);
            assertThat(second.credit.get()).isEqualTo(32);
        }
    }

    @Test
    void goodbye_endsTheStreamWhenAllIsDone() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 8)) {
            client.send(SampleClient.request("last", "the", 1));
            client.stream
                    .writer()
                    .write(SampleIn.newBuilder()
                            .setGoodbye(Goodbye.newBuilder().setReason("done"))
                            .build());

            Waiting.on(client.stream.completed());

            assertThat(client.sampled("last").ids).isNotEmpty();
        }
    }

    @Test
    void otherTokenizerExpected_isRefusedAtConnect() {
        Hello hello = Hello.newBuilder()
                .setClientId("learner@test")
                .setExpect(Fingerprints.newBuilder().setTokenizer("00ff"))
                .build();
        try (SampleClient client = new SampleClient(vertx, generator.port(), hello)) {
            assertThatThrownBy(() -> Waiting.on(client.stream.completed()))
                    .isInstanceOfSatisfying(RpcException.class, told -> assertThat(told.status())
                            .isEqualTo(GrpcStatus.FAILED_PRECONDITION))
                    .hasMessageContaining("learner@test")
                    .hasMessageContaining("generator student");
        }
    }

    @Test
    void messageBeforeHello_isRefused() {
        RpcClient client =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", generator.port()), ClientSettings.defaults());
        SampleIn first = SampleIn.newBuilder()
                .setSample(SampleClient.request("a", "b", 1))
                .build();

        assertThatThrownBy(() -> Waiting.on(client.bidi(StudentGeneratorGrpcClient.Sample, first, message -> {})
                        .completed()))
                .hasMessageContaining("hello");
        Waiting.on(client.close());
    }

    @Test
    void cancel_endsTheItemAsCancelled() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 40)) {
            for (int i = 0; i < 40; i++) {
                client.send(SampleClient.request("c" + i, "the", i));
            }
            client.cancel("c39");

            assertThat(client.sampled("c39")
                            .sampled
                            .join()
                            .getStatus()
                            .getStatus()
                            .getCode())
                    .isEqualTo(Code.CANCELLED_VALUE);
            for (int i = 0; i < 39; i++) {
                assertThat(client.sampled("c" + i).ids).isNotEmpty();
            }
        }
    }

    @Test
    void describe_tellsCardSlotsAndVersion() {
        RpcClient client =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", generator.port()), ClientSettings.defaults());

        GeneratorCard card = Waiting.on(
                client.call(StudentGeneratorGrpcClient.Describe, DescribeGeneratorRequest.getDefaultInstance()));

        assertThat(card.getModel().getFamily()).isEqualTo("gpt2");
        assertThat(card.getModel().getHiddenSize()).isEqualTo(16);
        assertThat(card.getModel().getFingerprints().getTokenizer()).hasSize(64);
        assertThat(card.getSlots()).isEqualTo(8);
        assertThat(card.getLivePolicyVersion()).isZero();
        assertThat(card.getTeachersCount()).isZero();
        assertThat(card.getLimits().getMaxPromptTokens()).isEqualTo(63);
        Waiting.on(client.close());
    }

    @Test
    void metrics_countTokens() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 4)) {
            double before =
                    registry.get("reflux_generator_tokens_total").counter().count();
            client.send(SampleClient.request("m", "the", 7));
            int tokens = client.sampled("m").ids.size();

            assertThat(registry.get("reflux_generator_tokens_total").counter().count() - before)
                    .isGreaterThanOrEqualTo(tokens);
            assertThat(registry.get("reflux_generator_first_token_seconds")
                            .timer()
                            .count())
                    .isPositive();
        }
    }

    @Test
    void drain_finishesWhatIsUnderWayAndSaysGoodbye() {
        GeneratorService leaving = Waiting.on(GeneratorService.start(vertx, config(student, 2)));
        SampleClient client = SampleClient.connect(vertx, leaving.port(), 6);
        for (int i = 0; i < 6; i++) {
            client.send(SampleClient.request("d" + i, "the", i));
        }
        client.sampled("d0");

        Waiting.on(leaving.drain(Duration.ofSeconds(10)));

        assertThat(client.goodbye).isDone();
        Waiting.on(client.stream.completed());
        for (int i = 0; i < 6; i++) {
            assertThat(client.sampled("d" + i).ids).isNotEmpty();
        }
        client.close();
    }

    @Test
    void badConfigOrModel_failsTheStartWithARemedy() {
        assertThatThrownBy(() -> Waiting.on(GeneratorService.start(vertx, GeneratorConfig.defaults())))
                .hasMessageContaining("generator.model");
        assertThatThrownBy(() -> Waiting.on(GeneratorService.start(vertx, config(files.resolve("none"), 2))))
                .hasMessageContaining("none");
    }

    private static reflux.v1.SampleRequest.Builder stopping(reflux.v1.SampleRequest.Builder request, String stop) {
        request.getSamplingBuilder().addStop(stop);
        return request;
    }

    private static void assertRefused(SampleClient client, String id, Code code, String part) {
        com.google.rpc.Status status =
                client.sampled(id).sampled.join().getStatus().getStatus();
        assertThat(status.getMessage()).as(id).contains(part);
        assertThat(status.getCode()).as(id).isEqualTo(code.getNumber());
    }

    private static GeneratorConfig config(Path model, int slots) {
        return new GeneratorConfig(
                model.toString(), "127.0.0.1:0", List.of(), 1, "f32", "cpu", slots, 64, 64, 0, 256, 8, null, null);
    }
}
