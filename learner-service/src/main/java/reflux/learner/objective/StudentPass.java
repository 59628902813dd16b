// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * The student's rows [N, d] of a micro-batch in the second pass. What is pushed is added up; the caller goes backward from
 * {@link #gradient_Nd} when all losses have pushed. A graph behind the rows is not followed here.
 */
public final class StudentPass {
    private final LossSite site;
    private final Tensor rows_Nd;
    private final Tensor gradient_Nd;

    /** @param owner of the gradient that begins with zeros */
    public StudentPass(LossSite site, Scope owner, Tensor rows_Nd) {
        this.site = site;
        this.rows_Nd = rows_Nd;
        this.gradient_Nd = owner.zeros(rows_Nd.type(), rows_Nd.shape());
    }

    public Tensor rows_Nd() {
        return rows_Nd;
    }

    /** What was pushed so far. */
    public Tensor gradient_Nd() {
        return gradient_Nd;
    }

    /** [C, V]: logits of those rows. */
    public Tensor logits(Scope out, int[] rows) {
        return site.maths().logits(out, rows_Nd, rows, site.heads().student_Vd());
    }

    /** Leads the gradient [C, V] of those rows' logits back to the rows and to the head, if the head is trained. */
    public void push(int[] rows, Tensor gradient_CV) {
        site.maths()
                .push(
                        rows_Nd,
                        rows,
                        gradient_CV,
                        site.heads().student_Vd(),
                        gradient_Nd,
                        site.heads().studentGradient_Vd());
    }

    /** Adds a gradient [C, d] to those rows. */
    public void pushRows(int[] rows, Tensor gradient_Cd) {
        site.maths().pushRows(rows, gradient_Cd, gradient_Nd);
    }
}
