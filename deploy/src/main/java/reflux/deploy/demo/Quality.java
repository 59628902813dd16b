// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import reflux.learner.eval.EvalReport;

/** How good a model is on the test words. */
record Quality(double per, double wer, double klPerToken) {
    /** Of a model that was measured against the teacher; the teacher's own divergence is 0. */
    static Quality of(EvalReport report) {
        Double divergence = report.klPerToken();
        return new Quality(report.per(), report.wer(), divergence == null ? 0.0 : divergence);
    }
}
