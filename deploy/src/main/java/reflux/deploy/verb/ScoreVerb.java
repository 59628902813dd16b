// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.rpc.ClientStream;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.rpc.StreamWriter;
import reflux.v1.Hello;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.ScoreBegin;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.ItemStatuses;
import reflux.wire.TensorAssembler;

@Command(
        name = "score",
        sortOptions = false,
        description = "Have a running teacher score a response: its tokens of it and their log-probabilities.")
final class ScoreVerb implements Callable<Integer> {
    private static final long MAX_BYTES = 1L << 24;

    @Option(names = "--teacher", required = true, paramLabel = "HOST:PORT", description = "The teacher's door.")
    private String teacher = "";

    @Option(names = "--prompt", required = true, description = "What was asked.")
    private String prompt = "";

    @Option(names = "--response", required = true, description = "What was answered.")
    private String response = "";

    @Override
    public Integer call() {
        RemoteCall.with(teacher, this::converse);
        return 0;
    }

    private Future<Void> converse(RpcClient client) {
        Promise<Void> done = Promise.promise();
        Conversation conversation = new Conversation(done);
        ScoreIn hello = ScoreIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId("reflux score").setWanted(1))
                .build();
        conversation.open(client.bidi(TeacherScoringGrpcClient.Score, hello, conversation::accept));
        return done.future();
    }

    private ScoreIn request() {
        return ScoreIn.newBuilder()
                .setScore(ScoreRequest.newBuilder()
                        .setId("score")
                        .setPrompt(Prompt.newBuilder().setText(prompt))
                        .setResponse(ByteString.copyFromUtf8(response))
                        .setEnded(true)
                        .addPayloads(Payload.newBuilder().setKind(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB)))
                .build();
    }

    /** One request, its frames, its end. Confined to the client's event loop. */
    private final class Conversation {
        private final Promise<Void> done;
        private @Nullable ClientStream<ScoreIn, ScoreOut> stream;
        private ScoreBegin begin = ScoreBegin.getDefaultInstance();
        private TensorAssembler tensors = TensorAssembler.of(begin.getTensorsList(), MAX_BYTES);
        private boolean isSent;

        Conversation(Promise<Void> done) {
            this.done = done;
        }

        void open(ClientStream<ScoreIn, ScoreOut> opened) {
            stream = opened;
            opened.completed().onFailure(done::tryFail).onSuccess(ended -> done.tryComplete());
        }

        private StreamWriter<ScoreIn> writer() {
            return requireNonNull(stream).writer();
        }

        void accept(ScoreOut message) {
            if (message.hasCredit() && !isSent) {
                isSent = true;
                writer().write(request());
            } else if (message.hasBegin()) {
                begin = message.getBegin();
                tensors = TensorAssembler.of(begin.getTensorsList(), MAX_BYTES);
            } else if (message.hasFrame()) {
                tensors.accept(message.getFrame());
            } else if (message.hasEnd()) {
                writer().end();
                if (ItemStatuses.isOk(message.getEnd().getStatus())) {
                    show();
                    done.tryComplete();
                } else {
                    done.tryFail(RpcException.of(message.getEnd().getStatus()));
                }
            }
        }

        private void show() {
            ByteBuffer logProbs = tensors.tensor("log_probs").duplicate().order(ByteOrder.LITTLE_ENDIAN);
            ByteString bytes = ByteString.copyFromUtf8(response);
            double sum = 0;
            int start = 0;
            for (int i = 0; i < begin.getTokenIdsCount(); i++) {
                double logProb = logProbs.getFloat(4 * i);
                int end = begin.getEnds(i);
                String text =
                        end == start ? "(end)" : bytes.substring(start, end).toStringUtf8();
                System.out.printf("%8d  %-16s %9.4f%n", begin.getTokenIds(i), text, logProb);
                sum += logProb;
                start = end;
            }
            System.out.printf("%d tokens, log-probability %.4f%n", begin.getTokenIdsCount(), sum);
        }
    }
}
