// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenSpans;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.loss.RowPairs;
import reflux.model.decoder.TokenBatch;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/**
 * Sequences that go through the student together, and how the rows of their states pair with the teacher's. Pure.
 *
 * <p>N student rows: the response tokens of all sequences, one after another. M teacher rows: those of all samples.
 */
final class MicroBatch {
    private final List<TrainingRow> rows;
    private final List<Sample> samples;
    private final TokenBatch inputs;
    private final int[] studentRows;
    private final TokenIds goldIds;
    private final RowPairs pairs;
    private AlignmentStats alignment = AlignmentStats.NONE;

    MicroBatch(List<TrainingRow> rows, Vocabulary student, Vocabulary teacher) {
        this.rows = List.copyOf(rows);
        this.samples = rows.stream().flatMap(row -> row.sample().stream()).toList();
        this.inputs =
                TokenBatch.of(rows.stream().map(row -> row.input().toArray()).toList());
        int count = rows.stream().mapToInt(row -> row.labels().size()).sum();
        this.studentRows = new int[count];
        int[] gold = new int[count];
        Arrays.fill(gold, -1);
        RowPairs.Builder paired = RowPairs.builder();
        int studentRow = 0;
        int teacherRow = 0;
        for (int b = 0; b < rows.size(); b++) {
            TrainingRow row = rows.get(b);
            for (int i = 0; i < row.labels().size(); i++) {
                studentRows[studentRow + i] = b * inputs.width() + row.firstRow() + i;
            }
            if (row.sample().isPresent()) {
                Sample sample = row.sample().get();
                pair(paired, sample, student, teacher, teacherRow, studentRow);
                teacherRow += sample.score().tokens().size();
            } else {
                System.arraycopy(
                        row.labels().toArray(),
                        0,
                        gold,
                        studentRow,
                        row.labels().size());
            }
            studentRow += row.labels().size();
        }
        this.goldIds = TokenIds.of(gold);
        this.pairs = paired.build();
    }

    /**
     * Splits a step's sequences so that each part has at most {@code tokenBudget} padded tokens, or one sequence. Fed samples
     * stand alone, because their clients are told their own terms; splitting changes nothing else.
     */
    static List<List<TrainingRow>> split(List<TrainingRow> rows, int tokenBudget) {
        List<List<TrainingRow>> parts = new ArrayList<>();
        List<TrainingRow> part = new ArrayList<>();
        int width = 0;
        List<TrainingRow> shortestFirst = rows.stream()
                .filter(row -> !isFed(row))
                .sorted(Comparator.comparingInt(TrainingRow::length))
                .toList();
        for (TrainingRow row : shortestFirst) {
            width = Math.max(width, row.length());
            if (!part.isEmpty() && (long) width * (part.size() + 1) > tokenBudget) {
                parts.add(part);
                part = new ArrayList<>();
                width = row.length();
            }
            part.add(row);
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        rows.stream().filter(MicroBatch::isFed).map(List::of).forEach(parts::add);
        return parts;
    }

    private static boolean isFed(TrainingRow row) {
        return row.sample()
                .filter(sample -> sample.admitted().origin() == Origin.FEED)
                .isPresent();
    }

    private void pair(
            RowPairs.Builder paired,
            Sample sample,
            Vocabulary student,
            Vocabulary teacher,
            int teacherRow,
            int studentRow) {
        Sample.Score score = sample.score();
        TokenSpans teacherSpans = TokenSpans.tokenized(
                teacher, score.tokens().toArray(), score.ends().toArray(), score.coveredBytes());
        TokenSpans studentSpans = TokenSpans.sampled(student, sample.tokens().toArray());
        var aligned = TokenAligner.align(teacherSpans, studentSpans);
        alignment = alignment.plus(aligned.stats());
        paired.add(aligned, teacherRow, studentRow);
    }

    TokenBatch inputs() {
        return inputs;
    }

    /** [N] flat indices b·T + t of the states that predict the response tokens. */
    int[] studentRows() {
        return studentRows;
    }

    /** [N] ids to be learned by cross-entropy, -1 in sampled rows. */
    TokenIds goldIds() {
        return goldIds;
    }

    RowPairs pairs() {
        return pairs;
    }

    AlignmentStats alignment() {
        return alignment;
    }

    List<Sample> samples() {
        return samples;
    }

    /** M. */
    int teacherRows() {
        return samples.stream()
                .mapToInt(sample -> sample.score().tokens().size())
                .sum();
    }

    /** Response tokens of the samples. */
    int sampledTokens() {
        return samples.stream().mapToInt(sample -> sample.tokens().size()).sum();
    }

    boolean isFed() {
        return rows.size() == 1 && isFed(rows.get(0));
    }

    /** [N] where each sequence's rows begin, for tests. */
    int[] offsets() {
        return IntStream.range(0, rows.size())
                .map(b -> rows.subList(0, b).stream()
                        .mapToInt(row -> row.labels().size())
                        .sum())
                .toArray();
    }
}
