// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import java.util.List;
import reflux.learner.loss.Compared;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** The preference of {@link Dpkd} for the teacher's likeliest token. */
final class Preference implements RowDistance {
    /** Distinct tokens of a response that simpo divides by 1 for. */
    private static final double USUAL_LENGTH = 256;

    private final LossSite site;
    private final double beta;
    private final Dpkd.Variant variant;
    private final Script script;

    Preference(LossSite site, double beta, Dpkd.Variant variant) {
        this.site = site;
        this.beta = beta;
        this.variant = variant;
        this.script = Script.load(site.engine(), Preference.class, "preference.py");
    }

    @Override
    public String term() {
        return "preference";
    }

    @Override
    public Compared compare(Scope out, LossBatch batch, Tensor student_CV, int[] teacherRows, double weight) {
        List<Tensor> found = script.callAll(
                out,
                "preference",
                student_CV,
                batch.teacherLogits(site, out, teacherRows),
                lengths(out, batch, teacherRows),
                beta,
                variant.ordinal(),
                weight);
        return new Compared(found.get(0), found.get(1));
    }

    /** [C, 1] distinct tokens of each row's response over 256. */
    private static Tensor lengths(Scope out, LossBatch batch, int[] teacherRows) {
        ScoredRows scored = ScoredRows.of(batch);
        double[] lengths = new double[teacherRows.length];
        for (int i = 0; i < lengths.length; i++) {
            int[] tokens = scored.at(teacherRows[i]).tokens().toArray();
            lengths[i] = Arrays.stream(tokens).distinct().count() / USUAL_LENGTH;
        }
        return out.doubles(lengths, lengths.length, 1);
    }

    @Override
    public void close() {
        script.close();
    }
}
