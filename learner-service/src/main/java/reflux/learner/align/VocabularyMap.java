// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * Which id of the student means the same as an id of the teacher: text tokens of the same bytes, end of sequence to end of
 * sequence, all else -1. Spellings and unknown-token ids are never consulted. Immutable.
 *
 * <p>If several ids share the bytes, the smallest counts; but an id of a byte-fallback block (256 ids in a row that spell
 * the bytes 0 to 255) only if there is no other, because a tokenizer does not produce it then.
 */
public final class VocabularyMap {
    private static final int BYTES = 256;
    private static final int NONE = -1;

    private final int[] studentIds;
    private final int studentSize;
    private final TokenIds overlapStudent;
    private final TokenIds overlapTeacher;
    private final Function<FirstTokens, VocabularyMap> readings;

    private VocabularyMap(int[] studentIds, int[] teacherIds, Function<FirstTokens, VocabularyMap> readings) {
        this.studentIds = studentIds;
        this.studentSize = teacherIds.length;
        int[] shared = IntStream.range(0, teacherIds.length)
                .filter(id -> teacherIds[id] != NONE && studentIds[teacherIds[id]] == id)
                .toArray();
        this.overlapStudent = TokenIds.of(shared);
        this.overlapTeacher =
                TokenIds.of(Arrays.stream(shared).map(id -> teacherIds[id]).toArray());
        this.readings = readings;
    }

    /** One vocabulary of {@code size} ids on both sides. */
    public static VocabularyMap identity(int size) {
        int[] ids = IntStream.range(0, size).toArray();
        return new VocabularyMap(ids, ids, first -> identity(size));
    }

    /** Maps by bytes and kind; the identity if both fingerprints are equal. */
    public static VocabularyMap between(Vocabulary teacher, Vocabulary student) {
        if (teacher.fingerprint().equals(student.fingerprint())) {
            return identity(student.size());
        }
        return between(teacher, student, FirstTokens.PLAIN);
    }

    /** Maps by bytes and kind, with the first token of a response read as {@code first} says; see {@link #reading}. */
    public static VocabularyMap between(Vocabulary teacher, Vocabulary student, FirstTokens first) {
        int[] studentIds = translate(teacher, first.teacher(), student, first.student());
        int[] teacherIds = translate(student, first.student(), teacher, first.teacher());
        return new VocabularyMap(studentIds, teacherIds, other -> between(teacher, student, other));
    }

    /**
     * The same vocabularies, for predictions of the first token of a response: where a side drops the leading space there, a
     * token of that side means its bytes without it.
     */
    public VocabularyMap reading(FirstTokens first) {
        return readings.apply(first);
    }

    private static int[] translate(Vocabulary from, LeadingSpace fromSpace, Vocabulary to, LeadingSpace toSpace) {
        Map<ByteBuffer, Integer> idsByBytes = idsByBytes(to, toSpace);
        int[] ids = new int[from.size()];
        for (int id = 0; id < ids.length; id++) {
            ids[id] = switch (from.kind(id)) {
                case TEXT -> idsByBytes.getOrDefault(key(from.bytes(id), fromSpace), NONE);
                case END -> to.endId();
                case CONTROL -> NONE;
            };
        }
        return ids;
    }

    private static Map<ByteBuffer, Integer> idsByBytes(Vocabulary vocabulary, LeadingSpace space) {
        int block = fallbackBlock(vocabulary);
        Map<ByteBuffer, Integer> ids = new HashMap<>(2 * vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            boolean isFallback = block >= 0 && id >= block && id < block + BYTES;
            if (!isFallback && isText(vocabulary, id)) {
                ids.putIfAbsent(key(vocabulary.bytes(id), space), id);
            }
        }
        for (int id = block; block >= 0 && id < block + BYTES; id++) {
            ids.putIfAbsent(key(vocabulary.bytes(id), space), id);
        }
        ids.remove(ByteBuffer.allocate(0));
        return ids;
    }

    private static boolean isText(Vocabulary vocabulary, int id) {
        return vocabulary.kind(id) == TokenKind.TEXT;
    }

    /** First id of the byte-fallback block, -1 if there is none. */
    static int fallbackBlock(Vocabulary vocabulary) {
        int run = 0;
        for (int id = 0; id < vocabulary.size(); id++) {
            boolean isSingle = isText(vocabulary, id) && vocabulary.bytes(id).length == 1;
            int value = isSingle ? Byte.toUnsignedInt(vocabulary.bytes(id)[0]) : NONE;
            run = value == run ? run + 1 : value == 0 ? 1 : 0;
            if (run == BYTES) {
                return id - BYTES + 1;
            }
        }
        return NONE;
    }

    private static ByteBuffer key(byte[] bytes, LeadingSpace space) {
        boolean isDropped = space == LeadingSpace.DROPPED && bytes.length > 0 && bytes[0] == ' ';
        int skipped = isDropped ? 1 : 0;
        return ByteBuffer.wrap(bytes, skipped, bytes.length - skipped);
    }

    /** Ids of the teacher's vocabulary. */
    public int teacherSize() {
        return studentIds.length;
    }

    /** Ids of the student's vocabulary. */
    public int studentSize() {
        return studentSize;
    }

    /** The student's id for a teacher's, -1 if it has none (also for ids beyond the vocabulary, of a padded head). */
    public int student(int teacherId) {
        return teacherId < studentIds.length ? studentIds[teacherId] : NONE;
    }

    /** {@link #student} for the ids 0 to {@code rows - 1} of a head that may be padded. */
    public int[] studentIds(int rows) {
        return IntStream.range(0, rows).map(this::student).toArray();
    }

    /** Student ids that the teacher's vocabulary has too, ascending; of several of one meaning the one that {@link #student} gives. */
    public TokenIds overlapStudent() {
        return overlapStudent;
    }

    /** The teacher's id of each of {@link #overlapStudent}. */
    public TokenIds overlapTeacher() {
        return overlapTeacher;
    }
}
