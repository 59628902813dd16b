// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Logits of chosen rows, and the way back. Use on one engine thread, outside of recording. */
public final class HeadMaths implements AutoCloseable {
    private final Script script;
    private final Scope scope;

    public HeadMaths(Engine engine) {
        this.script = Script.load(engine, HeadMaths.class, "/reflux/learner/loss/product.py", "heads.py");
        this.scope = engine.scope().child();
    }

    /** The first rows of a table [V, d], at most as many as it has; shares its memory, and is open as long as this. */
    Tensor first(Tensor table_Vd, int rows) {
        return script.call(scope, "first", table_Vd, rows);
    }

    /** [C, V]: of rows [N, d] those numbered {@code rows}, times the head [V, d]; in the head's type. */
    public Tensor logits(Scope out, Tensor rows_Nd, int[] rows, Tensor head_Vd) {
        try (Scope step = scope.child()) {
            return script.call(out, "logits", rows_Nd, step.ints(rows, rows.length), head_Vd);
        }
    }

    /** [C, d]: the rows themselves, in the head's type. */
    public Tensor rows(Scope out, Tensor rows_Nd, int[] rows, Tensor head_Vd) {
        try (Scope step = scope.child()) {
            return script.call(out, "chosen", rows_Nd, step.ints(rows, rows.length), head_Vd);
        }
    }

    /** Leads the gradient [C, V] of logits back: adds to the rows' gradient [N, d] and to the head's, which may be empty. */
    void push(
            Tensor rows_Nd,
            int[] rows,
            Tensor gradient_CV,
            Tensor head_Vd,
            Tensor rowGradient_Nd,
            Tensor headGradient_Vd) {
        try (Scope step = scope.child()) {
            script.run(
                    "push",
                    rows_Nd,
                    step.ints(rows, rows.length),
                    gradient_CV,
                    head_Vd,
                    rowGradient_Nd,
                    headGradient_Vd);
        }
    }

    /** Adds a gradient [C, d] to those rows of [N, d]. */
    void pushRows(int[] rows, Tensor gradient_Cd, Tensor rowGradient_Nd) {
        try (Scope step = scope.child()) {
            script.run("push_rows", step.ints(rows, rows.length), gradient_Cd, rowGradient_Nd);
        }
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
