// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import reflux.learner.align.Alignment;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.ResponseAligner;
import reflux.learner.align.TokenSpans;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.objective.Floats;
import reflux.learner.objective.LossBatch;
import reflux.learner.objective.Response;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Tensor;
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
    private final LossBatch losses;
    private final long step;
    private final ResponseAligner aligner;
    private AlignmentStats alignment = AlignmentStats.NONE;

    MicroBatch(List<TrainingRow> rows, Vocabulary student, Vocabulary teacher, ResponseAligner aligner, long version) {
        this.aligner = aligner;
        this.rows = List.copyOf(rows);
        this.samples = rows.stream().flatMap(row -> row.sample().stream()).toList();
        this.inputs =
                TokenBatch.of(rows.stream().map(row -> row.input().toArray()).toList());
        int count = rows.stream().mapToInt(row -> row.labels().size()).sum();
        this.studentRows = new int[count];
        boolean isSame = student.fingerprint().equals(teacher.fingerprint());
        List<Response> found = new ArrayList<>();
        int studentRow = 0;
        int teacherRow = 0;
        for (int b = 0; b < rows.size(); b++) {
            TrainingRow row = rows.get(b);
            for (int i = 0; i < row.labels().size(); i++) {
                studentRows[studentRow + i] = b * inputs.width() + row.firstRow() + i;
            }
            Optional<Response.Scored> score = Optional.empty();
            if (row.sample().isPresent() && row.sample().get().score().isPresent()) {
                score = Optional.of(scored(row.sample().get(), student, teacher, isSame, teacherRow));
                teacherRow += score.get().tokens().size();
            }
            found.add(response(row, studentRow, score, version));
            studentRow += row.labels().size();
        }
        this.step = version;
        this.losses = new LossBatch(found, studentRow, teacherRow, Optional.empty());
    }

    private static Response response(TrainingRow row, int studentRow, Optional<Response.Scored> score, long version) {
        Optional<Sample> sample = row.sample();
        return new Response(
                sample.map(Sample::id).orElse("gold"),
                studentRow,
                row.labels(),
                row.input().get(row.firstRow()),
                sample.map(given -> given.admitted().origin().isGiven()).orElse(true),
                sample.map(given -> given.admitted().origin()).orElse(Origin.DATASET),
                sample.map(given -> Floats.of(given.logProbs())).orElse(Floats.EMPTY),
                sample.map(given -> Floats.of(given.behaviourLogProbs())).orElse(Floats.EMPTY),
                sample.map(given -> version - given.oldestVersion()).orElse(0L),
                score);
    }

    private Response.Scored scored(
            Sample sample, Vocabulary student, Vocabulary teacher, boolean isSame, int teacherRow) {
        Sample.Score score = sample.score();
        TokenSpans teacherSpans = TokenSpans.tokenized(
                teacher, score.tokens().toArray(), score.ends().toArray(), score.coveredBytes());
        TokenSpans studentSpans = TokenSpans.sampled(student, sample.tokens().toArray());
        Alignment aligned = aligner.align(
                score.tokens().toArray(), teacherSpans, sample.tokens().toArray(), studentSpans);
        alignment = alignment.plus(aligned.stats());
        return new Response.Scored(
                teacherRow, score.tokens(), isSame && score.tokens().equals(sample.tokens()), aligned, score.tensors());
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

    TokenBatch inputs() {
        return inputs;
    }

    /** [N] flat indices b·T + t of the states that predict the response tokens. */
    int[] studentRows() {
        return studentRows;
    }

    /** As losses see it. */
    LossBatch losses(Optional<Tensor> teacherRows_MD) {
        return losses.with(teacherRows_MD);
    }

    AlignmentStats alignment() {
        return alignment;
    }

    List<Sample> samples() {
        return samples;
    }

    /** M. */
    int teacherRows() {
        return losses.teacherRows();
    }

    /** Response tokens of the samples. */
    int sampledTokens() {
        return samples.stream().mapToInt(sample -> sample.tokens().size()).sum();
    }

    /** Exact pairs and end pairs. */
    int pairs() {
        return losses.pairs().size();
    }

    /** The step that it belongs to. */
    long step() {
        return step;
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
