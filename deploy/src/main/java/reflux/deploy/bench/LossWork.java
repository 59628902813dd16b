// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.Arrays;
import reflux.learner.align.VocabularyMap;
import reflux.learner.loss.DualSpaceLoss;
import reflux.learner.loss.ForwardKl;
import reflux.learner.loss.Heads;
import reflux.learner.loss.LossSettings;
import reflux.learner.loss.RowPairs;
import reflux.learner.loss.Spaces;
import reflux.learner.loss.Targets;
import reflux.learner.projector.Projector;
import reflux.learner.projector.ProjectorSettings;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/** The dual-space loss over random states and heads, both passes, with all its gradients. Confined to its engine thread. */
final class LossWork implements AutoCloseable {
    /** Columns of the heads from which the projector starts: how it starts does not matter here. */
    private static final int COLUMNS = 4096;

    private final Scope scope;
    private final Script script;
    private final Heads heads;
    private final Projector projector;
    private final VocabularyMap map;
    private final Engine engine;
    private final Tensor student_Nd;
    private final Tensor teacher_ND;
    private final int rows;

    /** Student and teacher of one width. */
    LossWork(Engine engine, int rows, int vocabulary, int width) {
        this.engine = engine;
        this.rows = rows;
        this.scope = engine.scope().child();
        this.script = Script.load(engine, LossWork.class, "bench.py");
        Tensor gradient_Vd = scope.zeros(DataType.F32, vocabulary, width);
        this.heads = new Heads(random(vocabulary, width), gradient_Vd, random(vocabulary, width));
        this.map = VocabularyMap.identity(vocabulary);
        ProjectorSettings settings = new ProjectorSettings(0, Math.min(COLUMNS, vocabulary), 1);
        this.projector = Projector.initialise(engine, heads.student_Vd(), heads.teacher_WD(), map, settings);
        this.student_Nd = random(rows, width);
        this.teacher_ND = random(rows, width);
    }

    private Tensor random(long... shape) {
        return script.call(scope, "random", shape, DataType.F32.torchCode());
    }

    /** As runs compute it, or with all rows' logits at once. */
    DualSpaceLoss loss(boolean isChunked) {
        LossSettings settings =
                new LossSettings(1, 1, new ForwardKl(), Spaces.BOTH, 1, isChunked ? LossSettings.CHUNKS_BY_SIZE : rows);
        return DualSpaceLoss.load(engine, settings, map);
    }

    /** Both passes over the first rows. */
    void run(DualSpaceLoss loss, int count) {
        try (Scope once = scope.child()) {
            int[] gold = new int[count];
            Arrays.fill(gold, -1);
            Tensor student = script.call(once, "first", student_Nd, count);
            Targets targets = loss.target(heads, projector, teacher_ND, RowPairs.identity(count), TokenIds.of(gold));
            loss.evaluate(once, heads, projector, student, teacher_ND, targets, targets.counts());
        }
    }

    @Override
    public void close() {
        projector.close();
        scope.close();
        script.close();
    }
}
