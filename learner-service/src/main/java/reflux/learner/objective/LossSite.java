// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Optional;
import reflux.learner.align.VocabularyMap;
import reflux.learner.loss.Heads;
import reflux.model.engine.Engine;
import reflux.model.engine.Tensor;
import reflux.model.text.Vocabulary;

/**
 * What stays the same for a loss over a run. The tensors belong to others and stay open as long as the loss.
 *
 * @param heads LM heads, one row for each id of their vocabularies; without a teacher its head is empty [0, 0]
 * @param teacher the student's own where there is no teacher
 * @param embeddings input embeddings, where {@link Needs#teacherEmbeddings} asked for them
 */
public record LossSite(
        Engine engine,
        Heads heads,
        HeadMaths maths,
        Vocabulary student,
        Vocabulary teacher,
        VocabularyMap map,
        Optional<Embeddings> embeddings) {

    /**
     * Of heads that may have rows beyond the ids of their vocabularies: padding, which no objective sees, and to whose
     * gradient none adds. A distribution is over the ids of its vocabulary.
     *
     * @param whole the models' heads; the site's share their memory
     * @param maths stays open as long as the site
     */
    public static LossSite of(
            Engine engine,
            Heads whole,
            HeadMaths maths,
            Vocabulary student,
            Vocabulary teacher,
            Optional<Embeddings> embeddings) {
        Heads real = new Heads(
                maths.first(whole.student_Vd(), student.size()),
                maths.first(whole.studentGradient_Vd(), student.size()),
                maths.first(whole.teacher_WD(), teacher.size()));
        return new LossSite(engine, real, maths, student, teacher, VocabularyMap.between(teacher, student), embeddings);
    }

    /** Tables of the input embeddings. */
    public record Embeddings(Tensor student_Vd, Tensor teacher_WD) {}
}
