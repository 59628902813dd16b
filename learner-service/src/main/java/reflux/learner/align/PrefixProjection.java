// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * Byte-prefix marginalisation: what the teacher's distribution over its own tokens says about the student's next token, where
 * the two vocabularies cut the same bytes differently. Each string of bytes that the teacher may go on with counts for the
 * longest of the student's tokens that it begins with. Tables are made when first needed; not thread-safe.
 */
public final class PrefixProjection {
    private static final int REMEMBERED = 4096;
    private static final int NONE = -1;

    private final Vocabulary teacher;
    private final int studentEnd;
    private final Readings teacherTokens;
    private final Readings studentTokens;
    private final Map<Key, PrefixTable> tables = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, PrefixTable> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Which table: where the student is, and how both read the token. */
    private record Key(boolean isStart, LeadingSpace teacher, LeadingSpace student, ByteBuffer bytes) {}

    /** One vocabulary, with a leading space and without. */
    private record Readings(SortedTokens kept, SortedTokens dropped) {
        SortedTokens of(LeadingSpace space) {
            return space == LeadingSpace.KEPT ? kept : dropped;
        }
    }

    public PrefixProjection(Vocabulary teacher, Vocabulary student) {
        this.teacher = teacher;
        this.studentEnd = student.endId();
        this.teacherTokens = new Readings(
                SortedTokens.all(teacher, LeadingSpace.KEPT), SortedTokens.all(teacher, LeadingSpace.DROPPED));
        this.studentTokens = new Readings(
                SortedTokens.distinct(student, LeadingSpace.KEPT),
                SortedTokens.distinct(student, LeadingSpace.DROPPED));
    }

    /**
     * The student stands {@code emitted} bytes behind the last boundary of the teacher: the teacher's tokens that begin with
     * those bytes and go on, by the bytes that follow. With nothing emitted, end of sequence goes to end of sequence.
     *
     * @param teacherSpace how the teacher's token is read, {@code studentSpace} how the student's
     */
    public PrefixTable start(LeadingSpace teacherSpace, LeadingSpace studentSpace, byte[] emitted) {
        Key key = new Key(true, teacherSpace, studentSpace, ByteBuffer.wrap(emitted.clone()));
        return tables.computeIfAbsent(key, k -> begin(teacherSpace, studentSpace, emitted));
    }

    /**
     * The teacher has gone on along the student's token for {@code spelled} bytes and not ended it: its next tokens, by those
     * bytes and their own together.
     */
    public PrefixTable next(LeadingSpace studentSpace, byte[] spelled) {
        Key key = new Key(false, LeadingSpace.KEPT, studentSpace, ByteBuffer.wrap(spelled.clone()));
        return tables.computeIfAbsent(key, k -> goOn(studentSpace, spelled));
    }

    /** Ids of a head of {@code rows} rows that are no text and no end: their mass is left out. */
    public TokenIds leftOut(int rows) {
        return TokenIds.of(IntStream.range(0, rows)
                .filter(id -> id >= teacher.size() || isNothing(id))
                .toArray());
    }

    private boolean isNothing(int id) {
        return teacher.kind(id) == TokenKind.CONTROL || (teacher.kind(id) == TokenKind.TEXT && teacher.length(id) == 0);
    }

    private PrefixTable begin(LeadingSpace teacherSpace, LeadingSpace studentSpace, byte[] emitted) {
        SortedTokens tokens = teacherTokens.of(teacherSpace);
        SortedTokens own = studentTokens.of(studentSpace);
        PrefixWalk walk = new PrefixWalk(tokens, own, NONE);
        PrefixWalk.Node node = PrefixWalk.Node.root(tokens);
        for (byte value : emitted) {
            node = node.child(tokens, value & 0xFF);
        }
        int low = node.low();
        while (low < node.high() && tokens.length(low) == emitted.length) {
            low++;
        }
        walk.from(new PrefixWalk.Node(low, node.high(), emitted.length), PrefixWalk.Node.root(own), NONE);
        if (emitted.length == 0 && studentEnd >= 0) {
            teacher.endIds().forEach(id -> walk.add(id, studentEnd));
        }
        return walk.table();
    }

    private PrefixTable goOn(LeadingSpace studentSpace, byte[] spelled) {
        SortedTokens tokens = teacherTokens.of(LeadingSpace.KEPT);
        SortedTokens own = studentTokens.of(studentSpace);
        PrefixWalk.Node node = PrefixWalk.Node.root(own);
        int longest = NONE;
        for (byte value : spelled) {
            node = node.child(own, value & 0xFF);
            int here = node.own(own);
            longest = here >= 0 ? here : longest;
        }
        PrefixWalk walk = new PrefixWalk(tokens, own, longest);
        walk.from(PrefixWalk.Node.root(tokens), node, longest);
        return walk.table();
    }
}
