// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reflux.rpc.CreditGate;
import reflux.rpc.InboundStream;
import reflux.rpc.StreamWriter;
import reflux.v1.Limits;
import reflux.v1.ModelCard;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;

/** All open Score streams and their credit. Confined to the service's context. */
final class ScoreStreams {

    private final TeacherScorer scorer;
    private final RequestReader reader;
    private final ModelCard card;
    private final Limits limits;
    private final TeacherMetrics metrics;
    private final CreditShares<ScoreStream> shares;
    private final Map<ScoreStream, CreditGate> gates = new LinkedHashMap<>();

    ScoreStreams(TeacherScorer scorer, RequestReader reader, ModelCard card, Limits limits, TeacherMetrics metrics) {
        this.scorer = scorer;
        this.reader = reader;
        this.card = card;
        this.limits = limits;
        this.metrics = metrics;
        this.shares = new CreditShares<>(limits.getMaxItemsInFlight());
    }

    void open(InboundStream<ScoreIn> in, StreamWriter<ScoreOut> out) {
        new ScoreStream(this, in, out).open();
    }

    TeacherScorer scorer() {
        return scorer;
    }

    RequestReader reader() {
        return reader;
    }

    ModelCard card() {
        return card;
    }

    Limits limits() {
        return limits;
    }

    TeacherMetrics metrics() {
        return metrics;
    }

    /** Gives the stream its first credit; how much it may ever get depends on the others. */
    void join(ScoreStream stream, CreditGate gate, int wanted) {
        shares.join(stream, wanted);
        gates.put(stream, gate);
        gate.limit(shares.held(stream));
        gate.open(Math.max(0, wanted));
    }

    /** An item of the stream has ended: its credit goes to whom it is due. */
    void itemEnded(ScoreStream stream) {
        List<ScoreStream> changed = shares.itemEnded(stream);
        CreditGate own = gates.get(stream);
        if (own != null) {
            own.limit(shares.held(stream));
            own.release();
        }
        changed.stream().filter(other -> other != stream).forEach(this::pass);
    }

    void leave(ScoreStream stream) {
        gates.remove(stream);
        shares.leave(stream).forEach(this::pass);
    }

    private void pass(ScoreStream stream) {
        CreditGate gate = gates.get(stream);
        if (gate != null) {
            gate.limit(shares.held(stream));
        }
    }
}
