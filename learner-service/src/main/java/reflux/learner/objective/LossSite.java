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
 * @param heads LM heads; without a teacher its head is empty [0, 0]
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

    /** Tables of the input embeddings. */
    public record Embeddings(Tensor student_Vd, Tensor teacher_WD) {}
}
