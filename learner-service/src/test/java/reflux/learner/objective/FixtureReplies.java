// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;

/** The fixture of the reference vectors as replies: heads are identities, so that states are logits. Masked rows are not there. */
final class FixtureReplies {
    private FixtureReplies() {}

    static ReplyStep step(Engine engine, DataType type) {
        return step(engine, type, 5, true);
    }

    static ReplyStep step(Engine engine, DataType type, int width, boolean hasHiddenStates) {
        double[][] identity = new double[width][width];
        for (int i = 0; i < width; i++) {
            identity[i][i] = 1;
        }
        return new ReplyStep(
                engine,
                type,
                new ReplyStep.Models(identity, identity, new double[1][1], new double[1][1]),
                hasHiddenStates);
    }

    /** Two gold responses of two and three tokens, with the teacher's rows. */
    static List<Reply> gold(KdVector vector) {
        List<Reply> replies = new ArrayList<>();
        JsonNode labels = vector.in("labels_shifted");
        for (int i = 0; i < labels.size(); i++) {
            int[] tokens = Arrays.stream(KdVector.ints(labels.get(i)))
                    .filter(id -> id >= 0)
                    .toArray();
            replies.add(Reply.gold(0, tokens)
                    .with(rows(vector.in("student_logits").get(i), tokens.length))
                    .scored(tokens, rows(vector.in("teacher_logits").get(i), tokens.length)));
        }
        return replies;
    }

    /** The numbers of the rows that are not masked, of an array [2, 3, …]. */
    static double[] unmasked(JsonNode numbers) {
        double[] all = KdVector.numbers(numbers);
        int width = all.length / 6;
        double[] found = new double[5 * width];
        System.arraycopy(all, 0, found, 0, 2 * width);
        System.arraycopy(all, 3 * width, found, 2 * width, 3 * width);
        return found;
    }

    static double[][] rows(JsonNode matrix, int count) {
        double[][] rows = new double[count][];
        Arrays.setAll(rows, i -> KdVector.numbers(matrix.get(i)));
        return rows;
    }
}
