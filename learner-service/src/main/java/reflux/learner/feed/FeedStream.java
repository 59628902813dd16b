// SPDX-License-Identifier: Apache-2.0
package reflux.learner.feed;

import org.jspecify.annotations.Nullable;
import reflux.rpc.CreditGate;
import reflux.rpc.FailureStatus;
import reflux.rpc.InboundStream;
import reflux.rpc.StreamWriter;
import reflux.v1.Accepted;
import reflux.v1.Credit;
import reflux.v1.FeedIn;
import reflux.v1.FeedOut;
import reflux.v1.FeedPrompt;
import reflux.v1.Goodbye;

/** One client's feed. A prompt holds its credit until its outcome or refusal was told. Confined to the learner's context. */
final class FeedStream {
    private final FeedDoor door;
    private final InboundStream<FeedIn> in;
    private final StreamWriter<FeedOut> out;
    private final CreditGate gate;
    private boolean isWelcome;
    private boolean isEnding;

    FeedStream(FeedDoor door, InboundStream<FeedIn> in, StreamWriter<FeedOut> out) {
        this.door = door;
        this.in = in;
        this.out = out;
        this.gate = new CreditGate(
                door.maxItems(),
                items -> out.write(FeedOut.newBuilder()
                        .setCredit(Credit.newBuilder().setItems(items))
                        .build()));
    }

    void start() {
        out.onClosed(cause -> door.forget(this));
        out.onDrain(() -> {
            out.write(FeedOut.newBuilder()
                    .setGoodbye(Goodbye.newBuilder().setReason("the learner is shutting down"))
                    .build());
            finish();
        });
        in.onEnd(this::finish);
        in.read(this::receive);
    }

    /** The last message about a prompt; its credit goes back. */
    void end(String id, FeedOut message) {
        out.write(message);
        gate.release();
        endWhenDone();
    }

    private void receive(FeedIn message) {
        if (!isWelcome && !message.hasHello()) {
            throw new IllegalArgumentException("the first message of a feed must be Hello");
        }
        switch (message.getKindCase()) {
            case HELLO -> greet(message);
            case PROMPT -> prompt(message.getPrompt());
            case GOODBYE -> finish();
            case KIND_NOT_SET -> throw new IllegalArgumentException("a message of no known kind came");
        }
    }

    private void greet(FeedIn message) {
        if (isWelcome) {
            throw new IllegalArgumentException("Hello came twice");
        }
        isWelcome = true;
        out.write(FeedOut.newBuilder().setWelcome(door.welcome()).build());
        gate.open(message.getHello().getWanted());
    }

    private void prompt(FeedPrompt prompt) {
        gate.take();
        @Nullable FeedOut known = door.known(prompt.getId());
        if (known != null) {
            end(prompt.getId(), known);
            return;
        }
        try {
            door.accept(prompt, this);
        } catch (RuntimeException e) {
            end(prompt.getId(), FeedDoor.refusal(prompt.getId(), FailureStatus.item(e)));
            return;
        }
        out.write(FeedOut.newBuilder()
                .setAccepted(Accepted.newBuilder().setId(prompt.getId()))
                .build());
    }

    private void finish() {
        isEnding = true;
        gate.stop();
        endWhenDone();
    }

    private void endWhenDone() {
        if (isEnding && gate.underWay() == 0) {
            out.end();
        }
    }
}
