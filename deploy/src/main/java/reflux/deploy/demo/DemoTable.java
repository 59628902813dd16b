// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import reflux.learner.eval.EvalReport;

/** Prints what the demo found. */
final class DemoTable {
    private final PrintStream out;

    DemoTable(PrintStream out) {
        this.out = out;
    }

    void print(DemoReport report) {
        line("");
        line("%-16s %10s %10s %10s", "test words", "PER", "WER", "KL/token");
        row("teacher", report.teacher());
        row("student before", report.studentBefore());
        row("student after", report.studentAfter());
        line("");
        line(
                "%d steps, %d rollouts (%d lost, %d duplicated), %d tokens at %.0f/s, staleness %.2f (max %d), %.0f%% of the"
                        + " student's tokens paired",
                report.steps(),
                report.rolloutsTrained(),
                report.lost(),
                report.duplicated(),
                report.trainedTokens(),
                report.tokensPerSecond(),
                report.stalenessMean(),
                report.stalenessMax(),
                100 * report.alignRatio());
    }

    /** The same words before and after, with the first right answer. */
    void print(List<EvalReport.Sample> before, List<EvalReport.Sample> after) {
        line("");
        line("%-14s %-30s %-30s %s", "word", "before", "after", "right");
        for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
            EvalReport.Sample sample = after.get(i);
            line(
                    "%-14s %-30s %-30s %s",
                    sample.prompt(),
                    before.get(i).response(),
                    sample.response(),
                    sample.references().get(0));
        }
        line("");
    }

    private void row(String name, Quality quality) {
        line("%-16s %9.1f%% %9.1f%% %10.3f", name, 100 * quality.per(), 100 * quality.wer(), quality.klPerToken());
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
