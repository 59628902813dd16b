// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static java.util.Objects.requireNonNull;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reflux.rpc.ClientStream;
import reflux.rpc.RpcClient;
import reflux.rpc.StreamWriter;
import reflux.v1.Hello;
import reflux.v1.Prompt;
import reflux.v1.SampleIn;
import reflux.v1.SampleOut;
import reflux.v1.SampleRequest;
import reflux.v1.Sampled;
import reflux.v1.Sampling;
import reflux.v1.StudentGeneratorGrpcClient;

@Command(name = "sample", sortOptions = false, description = "Have a running generator answer prompts.")
final class SampleVerb implements Callable<Integer> {
    @Option(names = "--generator", required = true, paramLabel = "HOST:PORT", description = "The generator's door.")
    private String generator = "";

    @Parameters(arity = "1..*", paramLabel = "PROMPT", description = "Texts to answer.")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--temperature", defaultValue = "1", description = "0 = greedy (default: ${DEFAULT-VALUE}).")
    private float temperature;

    @Option(names = "--max-new-tokens", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens;

    @Option(names = "--seed", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    private final Deque<Integer> waiting = new ArrayDeque<>();
    private int open;

    @Override
    public Integer call() {
        for (int i = 0; i < prompts.size(); i++) {
            waiting.add(i);
        }
        open = prompts.size();
        RemoteCall.with(generator, this::converse);
        return 0;
    }

    private Future<Void> converse(RpcClient client) {
        Promise<Void> done = Promise.promise();
        Conversation conversation = new Conversation(done);
        SampleIn hello = SampleIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId("reflux sample").setWanted(prompts.size()))
                .build();
        conversation.open(client.bidi(StudentGeneratorGrpcClient.Sample, hello, conversation::accept));
        return done.future();
    }

    private SampleIn request(int index) {
        return SampleIn.newBuilder()
                .setSample(SampleRequest.newBuilder()
                        .setId("prompt-" + index)
                        .setPrompt(Prompt.newBuilder().setText(prompts.get(index)))
                        .setN(1)
                        .setSampling(Sampling.newBuilder()
                                .setTemperature(temperature)
                                .setMaxNewTokens(maxNewTokens)
                                .setSeed(seed + index)))
                .build();
    }

    /** Sends as credit allows; ends when the last response is there. Confined to the client's event loop. */
    private final class Conversation {
        private final Promise<Void> done;
        private @Nullable ClientStream<SampleIn, SampleOut> stream;

        Conversation(Promise<Void> done) {
            this.done = done;
        }

        void open(ClientStream<SampleIn, SampleOut> opened) {
            stream = opened;
            opened.completed().onFailure(done::tryFail).onSuccess(ended -> done.tryComplete());
        }

        private StreamWriter<SampleIn> writer() {
            return requireNonNull(stream).writer();
        }

        void accept(SampleOut message) {
            for (int i = 0; i < message.getCredit().getItems() && !waiting.isEmpty(); i++) {
                writer().write(request(waiting.remove()));
            }
            if (message.hasSampled()) {
                show(message.getSampled());
                if (--open == 0) {
                    writer().end();
                    done.tryComplete();
                }
            }
        }

        private void show(Sampled sampled) {
            int index = Integer.parseInt(sampled.getId().substring("prompt-".length()));
            String answer = sampled.getStatus().getStatus().getCode() == 0
                    ? sampled.getResponse().toStringUtf8()
                    : "failed: " + sampled.getStatus().getStatus().getMessage();
            System.out.println(prompts.get(index) + "\t" + answer);
        }
    }
}
