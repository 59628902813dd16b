// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import reflux.model.engine.Engine;
import reflux.model.hf.ModelDirectory;

/** The evaluation of a run: always the same items, with the student's weights as they are. Confined to the engine thread. */
public final class RunEvaluation implements AutoCloseable {
    private static final int BATCH_SIZE = 64;

    private final List<EvalItem> items;
    private final Optional<LanguageModel> teacher;
    private final ModelEvaluation evaluation;

    private RunEvaluation(
            Engine engine,
            List<EvalItem> items,
            LanguageModel student,
            Optional<LanguageModel> teacher,
            int maxNewTokens) {
        this.items = List.copyOf(items);
        this.teacher = teacher;
        this.evaluation = new ModelEvaluation(engine, student, teacher, maxNewTokens, BATCH_SIZE);
    }

    /** Loads the teacher, if there is one; the student stays the caller's. */
    public static RunEvaluation open(
            Engine engine, EvalSettings settings, List<EvalItem> items, LanguageModel student, int maxNewTokens) {
        Optional<LanguageModel> teacher = settings.evalTeacher().isBlank()
                ? Optional.empty()
                : Optional.of(LanguageModel.load(engine, ModelDirectory.open(Path.of(settings.evalTeacher()))));
        return new RunEvaluation(engine, items, student, teacher, maxNewTokens);
    }

    /** The lines that the settings name, cut to {@code evalMaxItems}; none if they name no file. */
    public static List<EvalItem> items(EvalSettings settings) {
        if (settings.evalData().isBlank()) {
            return List.of();
        }
        List<EvalItem> items = EvalItem.read(Path.of(settings.evalData()));
        return settings.evalMaxItems() == 0 ? items : items.subList(0, Math.min(settings.evalMaxItems(), items.size()));
    }

    public EvalScores measure() {
        return evaluation.measure(items).scores();
    }

    @Override
    public void close() {
        evaluation.close();
        teacher.ifPresent(LanguageModel::close);
    }
}
