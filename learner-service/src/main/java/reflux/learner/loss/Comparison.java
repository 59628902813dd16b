// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.ArrayList;
import java.util.List;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * Compares logits of one vocabulary by a divergence at a temperature. One side may have more ids at its
 * end: only the first min(V, W) are compared, as if there were no others. Use on one engine thread, outside of recording.
 */
public final class Comparison implements AutoCloseable {
    private final Script script;
    private final Divergence divergence;
    private final Support support;
    private final double temperature;

    private Comparison(Script script, Divergence divergence, Support support, double temperature) {
        this.script = script;
        this.divergence = divergence;
        this.support = support;
        this.temperature = temperature;
    }

    /**
     * Compiles the maths.
     *
     * @param temperature both sides' logits are divided by it
     */
    public static Comparison load(Engine engine, Divergence divergence, Support support, double temperature) {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature must be > 0, was " + temperature);
        }
        Script script = Script.load(
                engine, Comparison.class, "distribution.py", divergence.resource(), "divergence.py", "support.py");
        return new Comparison(script, divergence, support, temperature);
    }

    /** As {@link #compare(Scope, Tensor, Tensor, double)} with weight 1. */
    public Compared compare(Scope out, Tensor student_CV, Tensor teacher_CW) {
        return compare(out, student_CV, teacher_CW, 1);
    }

    /**
     * Compares on the support; a value is not finite where a logit is +inf or no number, or where the divergence is infinite.
     *
     * @param weight factor of the gradient
     */
    public Compared compare(Scope out, Tensor student_CV, Tensor teacher_CW, double weight) {
        if (support instanceof Support.TopK top) {
            boolean isStudents = top.chooser() == Support.Side.STUDENT;
            return call(out, weight, "compare_top_k", student_CV, teacher_CW, top.count(), isStudents, top.rest());
        } else if (support instanceof Support.TopP top) {
            return call(out, weight, "compare_top_p", student_CV, teacher_CW, top.mass(), top.rest());
        }
        return call(out, weight, "compare_all", student_CV, teacher_CW);
    }

    /**
     * Compares with a teacher of whom only the likeliest tokens are known, whatever the support.
     *
     * @param weight factor of the gradient
     * @throws IllegalArgumentException if the others are to be a bucket at another temperature than 1: its mass is not known
     */
    public Compared compare(Scope out, Tensor student_CV, TopTokens teacher, Support.Rest rest, double weight) {
        if (rest == Support.Rest.BUCKET && temperature != 1) {
            throw new IllegalArgumentException(
                    "the mass of a teacher's other tokens is not known at temperature " + temperature);
        }
        return call(
                out,
                weight,
                "compare_top_tokens",
                student_CV,
                teacher.ids_CK(),
                teacher.logProbs_CK(),
                teacher.restLogProb_C1(),
                rest);
    }

    /** Methods take the divergence's parameter and the temperature before all else. */
    private Compared call(Scope out, double weight, String method, Object... own) {
        List<Object> arguments = new ArrayList<>(List.of(divergence.parameter(), temperature));
        for (Object each : own) {
            arguments.add(each instanceof Support.Rest rest ? rest == Support.Rest.BUCKET : each);
        }
        List<Tensor> found = script.callAll(out, method, arguments.toArray());
        return new Compared(found.get(0), script.call(out, "scaled", found.get(1), weight));
    }

    @Override
    public void close() {
        script.close();
    }
}
