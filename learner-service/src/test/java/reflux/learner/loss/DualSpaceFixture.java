// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.learner.projector.Projector;
import reflux.learner.projector.ProjectorSettings;
import reflux.learner.vectors.KdVector;
import reflux.learner.vectors.SharedTokens;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/** A random batch of two vocabularies: 23 student rows of width 3, 19 teacher rows of width 4, heads of 7 and 9 rows. */
final class DualSpaceFixture implements AutoCloseable {
    static final int STUDENT_ROWS = 23;
    static final int TEACHER_ROWS = 19;
    static final VocabularyMap MAP = SharedTokens.map(9, new int[] {8, 1, 3, 4, 0, 6}, 7, new int[] {0, 2, 3, 4, 5, 6});

    final double[][] studentRows = random(1, STUDENT_ROWS, 3);
    final double[][] teacherRows = random(2, TEACHER_ROWS, 4);
    final double[][] studentHead = random(3, 7, 3);
    final double[][] teacherHead = random(4, 9, 4);
    final int[][] pairs = pairs();
    final int[] gold = gold();
    final Scope scope;
    final Heads heads;
    final Projector projector;
    private final DataType type;

    /** Gradients and terms of a whole step. */
    record Step(LossTerms terms, double[] rowGradient, double[] headGradient, double[] t2sGradient) {}

    DualSpaceFixture(Engine engine, DataType type) {
        this.type = type;
        this.scope = engine.scope().child();
        Tensor student = tensor(studentHead);
        this.heads = new Heads(student, scope.zeros(type, student.shape()), tensor(teacherHead));
        this.projector = Projector.initialise(engine, student, heads.teacher_WD(), MAP, ProjectorSettings.defaults());
    }

    /** One step over the student's rows cut into parts at the given rows. */
    Step step(DualSpaceLoss loss, int... cuts) {
        int[] starts = IntStream.concat(IntStream.of(0), Arrays.stream(cuts)).toArray();
        Targets[] targets = new Targets[starts.length];
        TermCounts total = TermCounts.NONE;
        for (int part = 0; part < starts.length; part++) {
            targets[part] = loss.target(
                    heads,
                    projector,
                    tensor(teacherRows),
                    pairs(starts[part], end(starts, part)),
                    gold(starts[part], end(starts, part)));
            total = total.plus(targets[part].counts());
        }
        LossTerms terms = LossTerms.NONE;
        double[] rowGradient = new double[STUDENT_ROWS * 3];
        for (int part = 0; part < starts.length; part++) {
            double[][] rows = Arrays.copyOfRange(studentRows, starts[part], end(starts, part));
            Evaluation result =
                    loss.evaluate(scope, heads, projector, tensor(rows), tensor(teacherRows), targets[part], total);
            double[] gradient = result.studentGradient_Nd().doubles();
            System.arraycopy(gradient, 0, rowGradient, starts[part] * 3, gradient.length);
            terms = terms.plus(result.terms());
        }
        Tensor t2s = projector.teacherToStudent().gradient();
        return new Step(terms, rowGradient, heads.studentGradient_Vd().doubles(), t2s.doubles());
    }

    private static int end(int[] starts, int part) {
        return part + 1 < starts.length ? starts[part + 1] : STUDENT_ROWS;
    }

    /** Pairs of the rows from start to end, in rows counted from start. */
    private RowPairs pairs(int start, int end) {
        RowPairs.Builder builder = RowPairs.builder();
        for (int[] pair : pairs) {
            if (pair[1] >= start && pair[1] < end) {
                builder.add(FirstTokens.PLAIN, pair[0], pair[1] - start);
            }
        }
        return builder.build();
    }

    private TokenIds gold(int start, int end) {
        return TokenIds.of(Arrays.copyOfRange(gold, start, end));
    }

    DualSpaceOracle oracle(LossSettings settings) {
        return new DualSpaceOracle(
                teacherRows,
                teacherHead,
                matrix(projector.studentToTeacher()),
                pairs,
                MAP.studentIds(9),
                gold,
                settings);
    }

    DualSpaceOracle.Point point() {
        return new DualSpaceOracle.Point(
                DualSpaceOracle.copy(studentRows),
                DualSpaceOracle.copy(studentHead),
                matrix(projector.teacherToStudent().value()));
    }

    private static double[][] matrix(Tensor tensor) {
        double[] values = tensor.doubles();
        int width = (int) tensor.size(1);
        double[][] rows = new double[values.length / width][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * width, (i + 1) * width));
        return rows;
    }

    private Tensor tensor(double[][] rows) {
        double[] values = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
        return KdVector.tensor(scope, type, values, rows.length, rows[0].length);
    }

    /** 16 pairs in order, with gaps on both sides. */
    private static int[][] pairs() {
        int[][] pairs = new int[16][];
        Arrays.setAll(pairs, i -> new int[] {i + i / 6, i + i / 3});
        return pairs;
    }

    /** Gold ids on two rows of three. */
    private static int[] gold() {
        int[] gold = new int[STUDENT_ROWS];
        Arrays.setAll(gold, i -> i % 3 == 2 ? -1 : i % 7);
        return gold;
    }

    private static double[][] random(long seed, int rows, int width) {
        Random random = new Random(seed);
        double[][] values = new double[rows][width];
        for (double[] row : values) {
            Arrays.setAll(row, i -> random.nextGaussian());
        }
        return values;
    }

    @Override
    public void close() {
        projector.close();
        scope.close();
    }
}
