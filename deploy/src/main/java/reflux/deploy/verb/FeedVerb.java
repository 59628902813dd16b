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
import reflux.v1.FeedIn;
import reflux.v1.FeedOut;
import reflux.v1.FeedPrompt;
import reflux.v1.Hello;
import reflux.v1.LearnerGrpcClient;
import reflux.v1.Outcome;
import reflux.v1.Prompt;

@Command(
        name = "feed",
        sortOptions = false,
        description = "Give prompts to a running learner, and print what became of each.")
final class FeedVerb implements Callable<Integer> {
    @Option(names = "--learner", required = true, paramLabel = "HOST:PORT", description = "The learner's door.")
    private String learner = "";

    @Parameters(arity = "1..*", paramLabel = "PROMPT", description = "Texts to be trained on.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--id",
            defaultValue = "feed",
            description = "Ids are ID-0, ID-1, …; an id is trained on once in a run.")
    private String id = "feed";

    private final Deque<Integer> waiting = new ArrayDeque<>();
    private int open;

    @Override
    public Integer call() {
        for (int i = 0; i < prompts.size(); i++) {
            waiting.add(i);
        }
        open = prompts.size();
        RemoteCall.with(learner, this::converse);
        return 0;
    }

    private Future<Void> converse(RpcClient client) {
        Promise<Void> done = Promise.promise();
        Conversation conversation = new Conversation(done);
        FeedIn hello = FeedIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId("reflux feed").setWanted(prompts.size()))
                .build();
        conversation.open(client.bidi(LearnerGrpcClient.Feed, hello, conversation::accept));
        return done.future();
    }

    private FeedIn request(int index) {
        return FeedIn.newBuilder()
                .setPrompt(FeedPrompt.newBuilder()
                        .setId(id + "-" + index)
                        .setPrompt(Prompt.newBuilder().setText(prompts.get(index))))
                .build();
    }

    /** Sends as credit allows; ends when the last outcome is there. Confined to the client's event loop. */
    private final class Conversation {
        private final Promise<Void> done;
        private @Nullable ClientStream<FeedIn, FeedOut> stream;

        Conversation(Promise<Void> done) {
            this.done = done;
        }

        void open(ClientStream<FeedIn, FeedOut> opened) {
            stream = opened;
            opened.completed().onFailure(done::tryFail).onSuccess(ended -> done.tryComplete());
        }

        private StreamWriter<FeedIn> writer() {
            return requireNonNull(stream).writer();
        }

        void accept(FeedOut message) {
            for (int i = 0; i < message.getCredit().getItems() && !waiting.isEmpty(); i++) {
                writer().write(request(waiting.remove()));
            }
            if (message.hasOutcome()) {
                Outcome outcome = message.getOutcome();
                finish("%s\tstep %d\tKL/token %.4f\t%s"
                        .formatted(
                                outcome.getId(),
                                outcome.getStep(),
                                outcome.getKlPerToken(),
                                outcome.getResponse().toStringUtf8()));
            } else if (message.hasRefused()) {
                finish(message.getRefused().getId() + "\trefused: "
                        + message.getRefused().getStatus().getStatus().getMessage());
            }
        }

        private void finish(String line) {
            System.out.println(line);
            if (--open == 0) {
                writer().end();
                done.tryComplete();
            }
        }
    }
}
