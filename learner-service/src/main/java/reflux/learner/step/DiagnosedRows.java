// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.TokenPair;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Floats;
import reflux.learner.objective.LossBatch;
import reflux.learner.objective.Response;

/**
 * The chosen rows of a micro-batch: those that pair with a teacher's state, by how the pair is read, and the others. Pure.
 *
 * @param paired rows with teacher rows, where there are hidden states
 * @param alone all other rows
 */
record DiagnosedRows(Map<FirstTokens, List<Row>> paired, List<Row> alone) {

    /**
     * One row of the student.
     *
     * @param row which predicts {@code token}
     * @param teacherRow the teacher's that predicts {@code teacherToken} over the same bytes; -1 without a pair
     * @param logProb of the token under the policy that sampled it; NaN where it was given
     * @param staleness versions that this policy is behind
     * @param teacherLogProb what the teacher said of the token; NaN where it did not
     */
    record Row(
            int row,
            int token,
            int teacherRow,
            int teacherToken,
            double logProb,
            long staleness,
            double teacherLogProb) {}

    static DiagnosedRows of(LossBatch batch, RowChoice choice) {
        Map<FirstTokens, List<Row>> paired = new LinkedHashMap<>();
        List<Row> alone = new ArrayList<>();
        for (Response response : batch.responses()) {
            Pairing pairing = Pairing.of(response, batch.teacherRows_MD().isPresent());
            for (int i = 0; i < response.tokens().size(); i++) {
                if (choice.takes(response, i)) {
                    Row row = row(response, i, pairing.teacherTokens()[i]);
                    FirstTokens reading = i == 0 ? pairing.first() : FirstTokens.PLAIN;
                    (row.teacherRow() < 0 ? alone : paired.computeIfAbsent(reading, key -> new ArrayList<>())).add(row);
                }
            }
        }
        return new DiagnosedRows(paired, alone);
    }

    private static Row row(Response response, int token, int teacherToken) {
        Optional<Response.Scored> score = response.score();
        boolean isPaired = teacherToken >= 0;
        return new Row(
                response.studentRow() + token,
                response.tokens().get(token),
                isPaired ? score.orElseThrow().teacherRow() + teacherToken : -1,
                isPaired ? score.orElseThrow().tokens().get(teacherToken) : -1,
                response.logProbs().isEmpty() ? Double.NaN : response.logProbs().get(token),
                response.staleness(),
                score.map(found -> teacherLogProb(found, token)).orElse(Double.NaN));
    }

    private static double teacherLogProb(Response.Scored score, int token) {
        ScoreTensor said = score.tensors().get(ScoreTensor.LOG_PROBS);
        return said == null || !score.isSameTokens()
                ? Double.NaN
                : Floats.of(said.values()).get(token);
    }

    static int[] ints(List<Row> rows, ToIntFunction<Row> value) {
        return rows.stream().mapToInt(value).toArray();
    }

    /**
     * The teacher's token for each of a response's, -1 where none covers the same bytes.
     *
     * @param first how the first pair is read
     */
    private record Pairing(int[] teacherTokens, FirstTokens first) {

        static Pairing of(Response response, boolean hasStates) {
            int[] teacher = new int[response.tokens().size()];
            Arrays.fill(teacher, -1);
            if (!hasStates || response.score().isEmpty()) {
                return new Pairing(teacher, FirstTokens.PLAIN);
            }
            Response.Scored score = response.score().get();
            if (score.isSameTokens()) {
                Arrays.setAll(teacher, i -> i);
                return new Pairing(teacher, FirstTokens.PLAIN);
            }
            for (TokenPair pair : score.alignment().endPairs()) {
                teacher[pair.student()] = pair.teacher();
            }
            boolean isFirstPaired = false;
            for (TokenPair pair : score.alignment().exactPairs()) {
                teacher[pair.student()] = pair.teacher();
                isFirstPaired |= pair.student() == 0 && pair.teacher() == 0;
            }
            return new Pairing(teacher, isFirstPaired ? score.alignment().firstTokens() : FirstTokens.PLAIN);
        }
    }
}
