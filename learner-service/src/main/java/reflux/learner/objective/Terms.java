// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Map;
import java.util.TreeMap;
import reflux.learner.loss.Term;

/**
 * The terms of a micro-batch or, added up, of a step, by the names that metrics have.
 *
 * @param terms numerators and denominators of the micro-batch alone
 * @param loss its share of the step's loss, whose gradient was taken; the shares of a step add up to its loss
 */
public record Terms(Map<String, Term> terms, double loss) {
    public static final Terms NONE = new Terms(Map.of(), 0);

    /** Importance weights of sampled tokens, and their squares. */
    static final String IMPORTANCE = "importance_weight";

    static final String IMPORTANCE_SQUARED = "importance_weight_squared";

    /** Throws ArithmeticException naming a term that is not finite. */
    public Terms {
        terms = Map.copyOf(terms);
        terms.forEach((name, term) -> finite(name, term.numerator()));
        finite("loss", loss);
    }

    public static Terms of(String name, Term term, double loss) {
        return new Terms(Map.of(name, term), loss);
    }

    public Terms plus(Terms other) {
        Map<String, Term> both = new TreeMap<>(terms);
        other.terms.forEach((name, term) -> both.merge(name, term, Term::plus));
        return new Terms(both, loss + other.loss);
    }

    /** The mean of a term; 0 if there is none of that name. */
    public double value(String name) {
        return terms.getOrDefault(name, Term.NONE).value();
    }

    /** The means, by name; of importance weights w also the effective sample size (Σw)² / Σw², in tokens. */
    public Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        terms.forEach((name, term) -> values.put(name, term.value()));
        if (terms.containsKey(IMPORTANCE)) {
            double squares = terms.getOrDefault(IMPORTANCE_SQUARED, Term.NONE).numerator();
            values.put(
                    "effective_samples",
                    squares == 0 ? 0 : Math.pow(terms.get(IMPORTANCE).numerator(), 2) / squares);
        }
        return values;
    }

    private static void finite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new ArithmeticException(name + " is " + value
                    + ": the hidden states or heads are not finite, or one side forbids what the other demands");
        }
    }
}
