// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import com.google.rpc.Code;
import io.vertx.core.AsyncResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.rpc.CreditGate;
import reflux.rpc.FailureStatus;
import reflux.rpc.InboundStream;
import reflux.rpc.StreamWriter;
import reflux.teacher.TeacherScorer.Answer;
import reflux.teacher.TeacherScorer.Ticket;
import reflux.v1.Credit;
import reflux.v1.Goodbye;
import reflux.v1.Hello;
import reflux.v1.ItemStatus;
import reflux.v1.ScoreEnd;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.Welcome;
import reflux.wire.Identifiers;
import reflux.wire.ItemStatuses;
import reflux.wire.NotReadyException;

/**
 * One client's Score stream. Hello is answered with Welcome and credit; an item that fails ends with its status and the
 * stream goes on; only a client that breaks the contract (no Hello, more items than granted, an id twice, a fingerprint of
 * another model in Hello) is ended. Confined to the service's context.
 */
final class ScoreStream {

    private static final Logger log = LoggerFactory.getLogger(ScoreStream.class);
    private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(60);

    private final ScoreStreams streams;
    private final InboundStream<ScoreIn> in;
    private final StreamWriter<ScoreOut> out;
    private final CreditGate gate;
    private final AnswerWriter answers;
    private final Map<String, Item> underWay = new LinkedHashMap<>();
    private @Nullable Hello hello;
    private boolean draining;
    private boolean finishing;
    private boolean closed;

    private static final class Item {
        final String id;
        final long arrivedNanos = System.nanoTime();

        @Nullable
        Ticket ticket;

        boolean sending;

        Item(String id) {
            this.id = id;
        }
    }

    ScoreStream(ScoreStreams streams, InboundStream<ScoreIn> in, StreamWriter<ScoreOut> out) {
        this.streams = streams;
        this.in = in;
        this.out = out;
        this.gate = new CreditGate(1, this::grant);
        this.answers =
                new AnswerWriter(out, streams.card().getFingerprints().getLmHead(), streams.metrics(), CLIENT_PATIENCE);
    }

    void open() {
        out.onClosed(this::closed);
        out.onDrain(this::drain);
        in.onEnd(this::finish);
        in.read(this::read);
    }

    private void read(ScoreIn message) {
        Hello said = hello;
        if (said == null) {
            if (message.hasHello()) {
                hello(message.getHello());
            } else {
                out.fail(new IllegalArgumentException("the first message must be Hello"));
            }
            return;
        }
        switch (message.getKindCase()) {
            case HELLO -> out.fail(new IllegalArgumentException("only the first message may be Hello"));
            case SCORE -> score(message.getScore(), said);
            case CANCEL -> cancel(message.getCancel().getId());
            case GOODBYE -> finish();
            case KIND_NOT_SET -> out.fail(new IllegalArgumentException("message of an unknown kind"));
        }
    }

    private void hello(Hello message) {
        try {
            streams.reader().checkExpected(message.getExpect(), message.getClientId());
        } catch (RuntimeException e) {
            out.fail(e);
            return;
        }
        hello = message;
        log.info("score stream opened client={} peer={}", message.getClientId(), in.peer());
        Welcome welcome = Welcome.newBuilder()
                .setModel(streams.card())
                .setLimits(streams.limits())
                .build();
        out.write(ScoreOut.newBuilder().setWelcome(welcome).build());
        if (!draining) {
            streams.join(this, gate, message.getWanted());
        }
    }

    private void score(ScoreRequest request, Hello client) {
        try {
            Identifiers.check(request.getId());
            gate.take();
            if (underWay.containsKey(request.getId())) {
                throw new IllegalArgumentException("id " + request.getId() + " is under way already");
            }
        } catch (RuntimeException e) {
            out.fail(e);
            return;
        }
        Item item = new Item(request.getId());
        underWay.put(item.id, item);
        if (draining) {
            end(item, FailureStatus.item(new NotReadyException("the teacher is shutting down")));
            return;
        }
        try {
            Ticket ticket = streams.scorer().score(request, client);
            item.ticket = ticket;
            ticket.answer().onComplete(answer -> answered(item, answer));
        } catch (RuntimeException e) {
            end(item, FailureStatus.item(e));
        }
    }

    private void answered(Item item, AsyncResult<Answer> answer) {
        if (underWay.get(item.id) != item) {
            if (answer.succeeded()) {
                answer.result().release();
            }
        } else if (answer.failed()) {
            end(item, FailureStatus.item(answer.cause()));
        } else {
            item.sending = true;
            answers.send(item.id, answer.result()).onComplete(sent -> sent(item, answer.result(), sent));
        }
    }

    private void sent(Item item, Answer answer, AsyncResult<Void> sent) {
        answer.release();
        if (sent.failed()) {
            out.fail(sent.cause());
        } else if (!closed) {
            ScoreEnd end = ScoreEnd.newBuilder()
                    .setId(item.id)
                    .setStatus(ItemStatuses.OK)
                    .setQueueMicros((int) answer.queueMicros())
                    .setComputeMicros((int) answer.computeMicros())
                    .setFromCache(answer.fromCache())
                    .build();
            end(item, end);
        }
    }

    private void cancel(String id) {
        Item item = underWay.get(id);
        if (item != null && !item.sending) {
            Ticket ticket = item.ticket;
            end(item, ItemStatuses.failed(Code.CANCELLED, "cancelled by the client"));
            if (ticket != null) {
                ticket.cancel();
            }
        }
    }

    private void end(Item item, ItemStatus status) {
        end(item, ScoreEnd.newBuilder().setId(item.id).setStatus(status).build());
    }

    private void end(Item item, ScoreEnd end) {
        underWay.remove(item.id);
        Code code = Code.forNumber(end.getStatus().getStatus().getCode());
        streams.metrics().ended(String.valueOf(code), System.nanoTime() - item.arrivedNanos);
        out.write(ScoreOut.newBuilder().setEnd(end).build());
        streams.itemEnded(this);
        endIfDone();
    }

    private void grant(int items) {
        Credit credit = Credit.newBuilder().setItems(items).build();
        out.write(ScoreOut.newBuilder().setCredit(credit).build());
    }

    private void drain() {
        draining = true;
        gate.stop();
        Goodbye goodbye = Goodbye.newBuilder().setReason("shutting down").build();
        out.write(ScoreOut.newBuilder().setGoodbye(goodbye).build());
        finish();
    }

    private void finish() {
        finishing = true;
        endIfDone();
    }

    private void endIfDone() {
        if (finishing && underWay.isEmpty() && !closed) {
            out.end();
        }
    }

    private void closed(@Nullable Throwable cause) {
        closed = true;
        if (cause != null) {
            log.info("score stream lost peer={} underWay={} cause={}", in.peer(), underWay.size(), cause.toString());
        }
        List<Item> dropped = List.copyOf(underWay.values());
        underWay.clear();
        for (Item item : dropped) {
            Ticket ticket = item.ticket;
            if (ticket != null) {
                ticket.cancel();
            }
        }
        answers.close();
        streams.leave(this);
    }
}
