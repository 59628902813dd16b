// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.generator.sampling.RolloutRequest;
import reflux.generator.sampling.SamplingRule;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;
import reflux.rpc.CreditGate;
import reflux.rpc.InboundStream;
import reflux.rpc.RpcException;
import reflux.rpc.StreamWriter;
import reflux.v1.Credit;
import reflux.v1.Goodbye;
import reflux.v1.Hello;
import reflux.v1.SampleIn;
import reflux.v1.SampleOut;
import reflux.v1.SampleRequest;
import reflux.v1.Welcome;
import reflux.wire.FingerprintCheck;
import reflux.wire.Identifiers;

/**
 * One client's {@code Sample} stream: its grammar, its credit and its items. Confined to the stream's context; {@link #write} may
 * be called from anywhere.
 */
final class SampleStream {
    private static final Logger log = LoggerFactory.getLogger(SampleStream.class);

    private final Vertx vertx;
    private final Context context;
    private final StreamWriter<SampleOut> writer;
    private final Student student;
    private final TeacherScorer scorer;
    private final SampleRequestReader reader;
    private final GivenResponses given;
    private final int maxSamplesPerPrompt;
    private final CreditGate gate;
    private final Map<String, SampleItem> items = new HashMap<>();
    private String client = "";
    private boolean isWelcomed;
    private boolean takesNothingNew;

    SampleStream(
            Vertx vertx,
            StreamWriter<SampleOut> writer,
            Student student,
            TeacherScorer scorer,
            GeneratorConfig config,
            int mostItems) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.writer = writer;
        this.student = student;
        this.scorer = scorer;
        this.reader = new SampleRequestReader(student.limits(), student.generation());
        this.given = new GivenResponses(student.tokenizer(), config.maxLength());
        this.maxSamplesPerPrompt = config.maxSamplesPerPrompt();
        this.gate = new CreditGate(mostItems, this::grant);
    }

    /** Serves the stream until it closes; then whatever is under way for it stops. */
    void serve(InboundStream<SampleIn> inbound) {
        writer.onClosed(cause -> onContext(this::abandonAll));
        writer.onDrain(() -> onContext(this::drain));
        inbound.onEnd(this::finishAndEnd);
        inbound.read(this::receive);
    }

    Student student() {
        return student;
    }

    TeacherScorer scorer() {
        return scorer;
    }

    /** Changes how many items the client may have under way, soon. */
    void share(int mostItems) {
        onContext(() -> {
            if (!takesNothingNew) {
                gate.limit(mostItems);
            }
        });
    }

    void onContext(Runnable work) {
        context.runOnContext(nothing -> work.run());
    }

    Future<Void> write(SampleOut.Builder message) {
        return writer.write(message.build());
    }

    /** The item has said its last: its credit returns to the client. */
    void ended(SampleItem item) {
        if (items.remove(item.id(), item)) {
            gate.release();
            endWhenDone();
        }
    }

    private void receive(SampleIn message) {
        if (!isWelcomed && message.getKindCase() != SampleIn.KindCase.HELLO) {
            throw new IllegalArgumentException("the first message must be hello, was " + message.getKindCase());
        }
        switch (message.getKindCase()) {
            case HELLO -> welcome(message.getHello());
            case SAMPLE -> admit(message.getSample());
            case CANCEL -> cancel(message.getCancel().getId());
            case GOODBYE -> finishAndEnd();
            case KIND_NOT_SET -> throw new IllegalArgumentException("a message must be of a known kind");
        }
    }

    private void welcome(Hello hello) {
        if (isWelcomed) {
            throw new IllegalArgumentException("hello must come once");
        }
        client = hello.getClientId();
        FingerprintCheck.require(
                hello.getExpect(),
                student.card().getFingerprints(),
                client,
                "generator " + student.card().getName());
        isWelcomed = true;
        write(SampleOut.newBuilder()
                .setWelcome(Welcome.newBuilder().setModel(student.card()).setLimits(student.limits())));
        if (!takesNothingNew) {
            gate.open(hello.getWanted());
        }
    }

    private void grant(int count) {
        write(SampleOut.newBuilder().setCredit(Credit.newBuilder().setItems(count)));
    }

    private void admit(SampleRequest request) {
        int count = Math.max(1, request.getN());
        gate.take(count);
        List<SampleItem> admitted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SampleItem item =
                    new SampleItem(this, Identifiers.check(Identifiers.rollout(request.getId(), i, count)), request);
            if (items.putIfAbsent(item.id(), item) != null) {
                throw new IllegalArgumentException("id " + item.id() + " is under way on this stream already");
            }
            admitted.add(item);
        }
        try {
            begin(request, admitted);
        } catch (RuntimeException refused) {
            admitted.forEach(item -> item.fail(refused));
        }
    }

    private void begin(SampleRequest request, List<SampleItem> admitted) {
        if (admitted.size() > maxSamplesPerPrompt) {
            throw new IllegalArgumentException("n must be at most " + maxSamplesPerPrompt + ", was " + admitted.size());
        }
        PromptText prompt = reader.prompt(request);
        SamplingRule rule = reader.rule(request);
        reader.checkPayloads(request);
        scorer.check(request, client);
        if (request.hasGivenResponse()) {
            give(request, prompt, rule.maxNewTokens(), admitted);
            return;
        }
        long seed = request.getSampling().getSeed();
        vertx.executeBlocking(() -> TokenIds.of(student.tokenizer().encodePrompt(prompt)), false)
                .map(ids -> {
                    for (int i = 0; i < admitted.size(); i++) {
                        admitted.get(i).begin(new RolloutRequest(ids, rule, seed, i));
                    }
                    return ids;
                })
                .onFailure(refused -> admitted.forEach(item -> item.fail(refused)));
    }

    private void give(SampleRequest request, PromptText prompt, int maxNewTokens, List<SampleItem> admitted) {
        if (admitted.size() > 1) {
            throw new IllegalArgumentException("n must be 1 for a given_response, was " + admitted.size());
        }
        SampleItem item = admitted.get(0);
        String text = GivenResponses.text(request.getGivenResponse());
        vertx.executeBlocking(() -> given.read(prompt, text, request.getGivenIsCut(), maxNewTokens), false)
                .map(response -> {
                    item.give(response, student.sampler().policy().liveVersion());
                    return response;
                })
                .onFailure(item::fail);
    }

    private void cancel(String id) {
        for (SampleItem item : List.copyOf(items.values())) {
            if (item.isOf(id)) {
                item.fail(RpcException.of(GrpcStatus.CANCELLED, "cancelled by the client"));
            }
        }
    }

    private void drain() {
        if (!takesNothingNew) {
            write(SampleOut.newBuilder().setGoodbye(Goodbye.newBuilder().setReason("the generator is going away")));
        }
        finishAndEnd();
    }

    private void finishAndEnd() {
        takesNothingNew = true;
        gate.stop();
        endWhenDone();
    }

    private void endWhenDone() {
        if (takesNothingNew && items.isEmpty()) {
            writer.end();
        }
    }

    private void abandonAll() {
        gate.stop();
        if (!items.isEmpty()) {
            log.info("sample stream closed client={} abandoned={}", client, items.size());
        }
        items.values().forEach(SampleItem::abandon);
        items.clear();
    }
}
