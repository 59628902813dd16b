// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.Arrays;
import reflux.model.text.Vocabulary;

/**
 * Levenshtein distance between a teacher's and a student's token: how many bytes must be put in, taken out or replaced to
 * make one spelling of the other, spaces not counted. Remembers what it computed in a table of fixed size. Not thread-safe.
 */
final class TokenDistance {
    private static final int SLOTS = 1 << 18;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final Vocabulary teacher;
    private final Vocabulary student;
    private final long[] keys = new long[SLOTS];
    private final int[] distances = new int[SLOTS];

    TokenDistance(Vocabulary teacher, Vocabulary student) {
        this.teacher = teacher;
        this.student = student;
        Arrays.fill(keys, -1);
    }

    int between(int teacherId, int studentId) {
        long key = (long) teacherId << 32 | studentId;
        int slot = (int) (key * MIX >>> 46);
        if (keys[slot] != key) {
            keys[slot] = key;
            distances[slot] =
                    levenshtein(withoutSpaces(teacher.bytes(teacherId)), withoutSpaces(student.bytes(studentId)));
        }
        return distances[slot];
    }

    /** Edits between two byte strings; O(a·b) time, O(b) memory. */
    static int levenshtein(byte[] a, byte[] b) {
        int[] row = new int[b.length + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length; i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length];
    }

    private static byte[] withoutSpaces(byte[] bytes) {
        byte[] kept = new byte[bytes.length];
        int size = 0;
        for (byte value : bytes) {
            if (value != ' ') {
                kept[size++] = value;
            }
        }
        return Arrays.copyOf(kept, size);
    }
}
