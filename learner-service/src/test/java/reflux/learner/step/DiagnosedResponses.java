// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenSpans;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Floats;
import reflux.learner.objective.Response;
import reflux.model.engine.DataType;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** Responses over two small vocabularies; the teacher writes its first token with a space that the text has not. */
final class DiagnosedResponses {
    static final Vocabulary TEACHER = vocabulary(" a", " b", "a", "abc", "zz", "");
    static final Vocabulary STUDENT = vocabulary("a", " a", " b", "q", "");

    private DiagnosedResponses() {}

    /** One that pairs, one that does not and is three versions old, one that was given. */
    static List<Response> mixed() {
        return List.of(paired(), unpaired(), given());
    }

    /** "a a b" and the end, in student rows 0 to 3 and teacher rows 1 to 4. */
    private static Response paired() {
        TokenIds own = TokenIds.of(0, 1, 2, 4);
        TokenIds theirs = TokenIds.of(0, 0, 1, 5);
        TokenSpans teacher = TokenSpans.tokenized(TEACHER, theirs.toArray(), new int[] {1, 3, 5, 5}, 5);
        return response(
                "a", 0, own, Origin.FILE, Floats.of(-0.4f, -3f, -1.5f, -0.9f), 0, score(1, theirs, teacher, own));
    }

    /** "qa", which the teacher cannot cut there. */
    private static Response unpaired() {
        TokenIds own = TokenIds.of(3, 0);
        TokenIds theirs = TokenIds.of(4);
        TokenSpans teacher = TokenSpans.tokenized(TEACHER, theirs.toArray(), new int[] {2}, 2);
        return response("b", 4, own, Origin.REPLAY, Floats.of(-1f, -2f), 3, score(0, theirs, teacher, own));
    }

    static Response given() {
        return response("c", 6, TokenIds.of(2, 4), Origin.DATASET, Floats.EMPTY, 0, Optional.empty());
    }

    static Response from(Origin origin) {
        return response("d", 0, TokenIds.of(2, 4), origin, Floats.EMPTY, 0, Optional.empty());
    }

    /** Tokens 3 and 0 in rows 0 and 1, of which the teacher, with the same tokens, says these log-probabilities. */
    static Response withLogProbs(float first, float second) {
        TokenIds own = TokenIds.of(3, 0);
        ByteBuffer said = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        said.putFloat(first).putFloat(second).flip();
        TokenSpans spans = TokenSpans.sampled(STUDENT, own.toArray());
        Response.Scored score = new Response.Scored(
                0,
                own,
                true,
                TokenAligner.align(spans, spans),
                Map.of(ScoreTensor.LOG_PROBS, new ScoreTensor(DataType.F32, 2, 1, said)));
        return response("e", 0, own, Origin.FILE, Floats.of(-1f, -2f), 0, Optional.of(score));
    }

    private static Optional<Response.Scored> score(int row, TokenIds theirs, TokenSpans teacher, TokenIds own) {
        TokenSpans student = TokenSpans.sampled(STUDENT, own.toArray());
        return Optional.of(new Response.Scored(row, theirs, false, TokenAligner.align(teacher, student), Map.of()));
    }

    private static Response response(
            String id,
            int row,
            TokenIds tokens,
            Origin origin,
            Floats logProbs,
            long staleness,
            Optional<Response.Scored> score) {
        return new Response(id, row, tokens, 0, origin.isGiven(), origin, logProbs, Floats.EMPTY, staleness, score);
    }

    /** The last piece is the end of sequence. */
    private static Vocabulary vocabulary(String... pieces) {
        int[] ends = new int[pieces.length];
        byte[] kinds = new byte[pieces.length];
        int end = 0;
        for (int id = 0; id < ends.length; id++) {
            end += pieces[id].length();
            ends[id] = end;
        }
        kinds[pieces.length - 1] = (byte) reflux.model.text.TokenKind.END.ordinal();
        return Vocabulary.of(String.join("", pieces).getBytes(StandardCharsets.UTF_8), ends, kinds);
    }
}
