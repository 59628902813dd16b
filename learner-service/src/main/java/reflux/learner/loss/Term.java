// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** A sum over tokens and the count to divide it by. */
public record Term(double numerator, long denominator) {
    public static final Term NONE = new Term(0, 0);

    public Term plus(Term other) {
        return new Term(numerator + other.numerator, denominator + other.denominator);
    }

    /** The mean; 0 of nothing. */
    public double value() {
        return denominator == 0 ? 0 : numerator / denominator;
    }
}
