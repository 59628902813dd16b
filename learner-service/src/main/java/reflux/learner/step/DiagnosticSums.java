// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.LinkedHashMap;
import java.util.Map;
import reflux.learner.loss.Term;
import reflux.learner.objective.Terms;

/** Adds up the numbers of diagnosed rows by name; what was never added is left out. */
final class DiagnosticSums {
    /** Above it e^x is cut, so that a token that its sampler held for impossible does not end the run. */
    private static final double MAX_LOG_RATIO = 100;

    private final Map<String, Term> terms = new LinkedHashMap<>();

    /** The student's numbers of a row. */
    void own(DiagnosedRows.Row row, double logQ, double entropy) {
        add(Diagnostics.STUDENT_ENTROPY, entropy);
        if (!Double.isNaN(row.logProb())) {
            double ratio = Math.min(logQ - row.logProb(), MAX_LOG_RATIO);
            add(
                    row.staleness() == 0 ? Diagnostics.SAMPLER_MISMATCH : Diagnostics.POLICY_DRIFT,
                    Math.expm1(ratio) - ratio);
        }
        if (row.teacherRow() < 0 && !Double.isNaN(row.teacherLogProb())) {
            add(Diagnostics.LOG_PROB_GAP, row.teacherLogProb() - logQ);
        }
    }

    void add(String name, double value) {
        terms.merge(name, new Term(value, 1), Term::plus);
    }

    Terms terms() {
        return new Terms(terms, 0);
    }
}
