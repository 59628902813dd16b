// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.List;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Chooses the next token of each row of logits by that row's rule. Confined to the engine thread. */
final class TokenChooser implements AutoCloseable {
    /** What a row is chosen by: its rule, and its uniform number. */
    record Row(SamplingRule rule, double uniform) {}

    /** Logits that are no numbers give a log-probability of NaN. */
    record Choice(int id, float logProb) {
        boolean isSound() {
            return !Float.isNaN(logProb);
        }
    }

    private static final double KEEP_ALL = 2;

    private final Script script;
    private final int vocabulary;

    /** @param vocabulary ids that the tokenizer knows; later columns of the logits are never chosen */
    TokenChooser(Engine engine, int vocabulary) {
        this.script = Script.load(engine, TokenChooser.class, "sample.py");
        this.vocabulary = vocabulary;
    }

    /** One choice for each row of logits [N, V]; the rows' results do not depend on one another. */
    Choice[] choose(Scope scope, Tensor logits_NV, List<Row> rows) {
        double[] rules = new double[4 * rows.size()];
        int maxK = 0;
        boolean nucleus = false;
        for (int i = 0; i < rows.size(); i++) {
            SamplingRule rule = rows.get(i).rule();
            int k = rule.cutsByRank() ? Math.min(rule.topK(), vocabulary) : 0;
            rules[4 * i] = rule.temperature();
            rules[4 * i + 1] = k;
            rules[4 * i + 2] = rule.cutsByMass() ? rule.topP() : KEEP_ALL;
            rules[4 * i + 3] = rows.get(i).uniform();
            maxK = Math.max(maxK, k);
            nucleus |= rule.cutsByMass();
        }
        Tensor rules_N4 = scope.doubles(rules, rows.size(), 4);
        double[] chosen = script.call(scope, "sample", logits_NV, rules_N4, vocabulary, maxK, nucleus)
                .doubles();
        Choice[] choices = new Choice[rows.size()];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = new Choice((int) chosen[2 * i], (float) chosen[2 * i + 1]);
        }
        return choices;
    }

    @Override
    public void close() {
        script.close();
    }
}
