// SPDX-License-Identifier: Apache-2.0
package reflux.jmh;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import reflux.learner.align.Alignment;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenSpans;
import reflux.model.text.Vocabulary;

/** One random response in the tokens of two tokenizers, whose borders agree at two of three of the student's tokens. */
record TwoTokenizations(Vocabulary teacher, int[] teacherIds, int[] teacherEnds, Vocabulary student, int[] studentIds) {

    /** The same for the same seed. */
    static TwoTokenizations random(long seed, int studentTokens) {
        Random random = new Random(seed);
        List<String> student = new ArrayList<>();
        List<String> teacher = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (int i = 0; i < studentTokens; i++) {
            StringBuilder piece = new StringBuilder(i % 2 == 0 ? " " : "");
            for (int length = 1 + random.nextInt(6); length > 0; length--) {
                piece.append((char) ('a' + random.nextInt(6)));
            }
            student.add(piece.toString());
            open.append(piece);
            if (random.nextInt(3) > 0 || i + 1 == studentTokens) {
                teacher.add(open.toString());
                open.setLength(0);
            } else if (open.length() > 2) {
                teacher.add(open.substring(0, 2));
                open.delete(0, 2);
            }
        }
        Map<String, Integer> studentPieces = pieces(student);
        Map<String, Integer> teacherPieces = pieces(teacher);
        Vocabulary own = vocabulary(studentPieces);
        Vocabulary theirs = vocabulary(teacherPieces);
        int[] teacherIds = teacher.stream().mapToInt(teacherPieces::get).toArray();
        return new TwoTokenizations(
                theirs,
                teacherIds,
                theirs.ends(teacherIds),
                own,
                student.stream().mapToInt(studentPieces::get).toArray());
    }

    private static Map<String, Integer> pieces(List<String> tokens) {
        Map<String, Integer> pieces = new HashMap<>();
        tokens.forEach(token -> pieces.putIfAbsent(token, pieces.size()));
        return pieces;
    }

    private static Vocabulary vocabulary(Map<String, Integer> pieces) {
        String[] byId = new String[pieces.size()];
        pieces.forEach((piece, id) -> byId[id] = piece);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] ends = new int[byId.length];
        for (int id = 0; id < byId.length; id++) {
            bytes.writeBytes(byId[id].getBytes(StandardCharsets.UTF_8));
            ends[id] = bytes.size();
        }
        return Vocabulary.of(bytes.toByteArray(), ends, new byte[byId.length]);
    }

    /** As a training step does it. */
    Alignment align() {
        int covered = teacherEnds[teacherEnds.length - 1];
        return TokenAligner.align(
                TokenSpans.tokenized(teacher, teacherIds, teacherEnds, covered),
                TokenSpans.sampled(student, studentIds));
    }
}
