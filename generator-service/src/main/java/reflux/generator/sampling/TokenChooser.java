// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Chooses the next token of each row of logits by that row's rule. Confined to the engine thread. */
final class TokenChooser implements AutoCloseable {
    /** What a row is chosen by: its rule, and its uniform number. */
    record Row(SamplingRule rule, double uniform) {}

    /**
     * Logits that are no numbers give a log-probability of NaN.
     *
     * @param logProb under the policy
     * @param behaviourLogProb under the mixture with the teacher; without one the same
     */
    record Choice(int id, float logProb, float behaviourLogProb) {
        boolean isSound() {
            return !Float.isNaN(logProb) && !Float.isNaN(behaviourLogProb);
        }
    }

    private static final double KEEP_ALL = 2;
    private static final int RULE = 5;

    private final Script script;
    private final int vocabulary;

    /** @param vocabulary ids that the tokenizer knows; later columns of the logits are never chosen */
    TokenChooser(Engine engine, int vocabulary) {
        this.script = Script.load(engine, TokenChooser.class, "sample.py");
        this.vocabulary = vocabulary;
    }

    /**
     * One choice for each row of logits [N, V]; the rows' results do not depend on one another.
     *
     * @param teacher_MW the teacher's logits of the M rows whose rule is mixed, in order; W may be another padded size than V. Null
     *     if there are none
     */
    Choice[] choose(Scope scope, Tensor logits_NV, @Nullable Tensor teacher_MW, List<Row> rows) {
        double[] rules = new double[RULE * rows.size()];
        int maxK = 0;
        boolean nucleus = false;
        for (int i = 0; i < rows.size(); i++) {
            SamplingRule rule = rows.get(i).rule();
            int k = rule.cutsByRank() ? Math.min(rule.topK(), vocabulary) : 0;
            rules[RULE * i] = rule.temperature();
            rules[RULE * i + 1] = k;
            rules[RULE * i + 2] = rule.cutsByMass() ? rule.topP() : KEEP_ALL;
            rules[RULE * i + 3] = rows.get(i).uniform();
            rules[RULE * i + 4] = rule.teacherMix();
            maxK = Math.max(maxK, k);
            nucleus |= rule.cutsByMass();
        }
        Tensor rules_N5 = scope.doubles(rules, rows.size(), RULE);
        double[] chosen = script.call(scope, "sample", logits_NV, teacher_MW, rules_N5, vocabulary, maxK, nucleus)
                .doubles();
        Choice[] choices = new Choice[rows.size()];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = new Choice((int) chosen[3 * i], (float) chosen[3 * i + 1], (float) chosen[3 * i + 2]);
        }
        return choices;
    }

    @Override
    public void close() {
        script.close();
    }
}
