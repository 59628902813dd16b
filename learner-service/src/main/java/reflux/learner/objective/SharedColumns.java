// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/** The columns of both heads whose tokens both vocabularies have, for each way to read a token; made when first needed. */
final class SharedColumns implements AutoCloseable {
    private final Map<FirstTokens, Columns> known = new HashMap<>();
    private final Scope scope;
    private final VocabularyMap map;
    private final int studentWidth;
    private final int teacherWidth;

    /**
     * One reading.
     *
     * @param student_K the student's ids of the shared tokens
     * @param teacher_K the teacher's ids of the same tokens
     * @param studentRest all other ids of the student's head
     * @param teacherRest all other ids of the teacher's head
     * @param share of the teacher's vocabulary that is shared
     */
    record Columns(Tensor student_K, Tensor teacher_K, Tensor studentRest, Tensor teacherRest, double share) {
        List<Tensor> tensors() {
            return List.of(student_K, teacher_K, studentRest, teacherRest);
        }
    }

    SharedColumns(LossSite site) {
        this.scope = site.engine().scope().child();
        this.map = site.map();
        this.studentWidth = (int) site.heads().student_Vd().size(0);
        this.teacherWidth = (int) site.heads().teacher_WD().size(0);
    }

    Columns of(FirstTokens reading) {
        return known.computeIfAbsent(reading, this::columns);
    }

    private Columns columns(FirstTokens reading) {
        VocabularyMap read = reading.isPlain() ? map : map.reading(reading);
        return new Columns(
                ids(read.overlapStudent()),
                ids(read.overlapTeacher()),
                ids(rest(read.overlapStudent(), studentWidth)),
                ids(rest(read.overlapTeacher(), teacherWidth)),
                (double) read.overlapStudent().size() / read.teacherSize());
    }

    private static TokenIds rest(TokenIds shared, int width) {
        boolean[] isShared = new boolean[width];
        for (int i = 0; i < shared.size(); i++) {
            isShared[shared.get(i)] = true;
        }
        return TokenIds.of(IntStream.range(0, width).filter(id -> !isShared[id]).toArray());
    }

    private Tensor ids(TokenIds ids) {
        return scope.ints(ids.toArray(), ids.size());
    }

    @Override
    public void close() {
        scope.close();
    }
}
