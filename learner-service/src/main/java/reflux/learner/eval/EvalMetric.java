// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A number by which models are compared. */
public enum EvalMetric {
    PER(false, scores -> Optional.of(scores.rates().per())),
    WER(false, scores -> Optional.of(scores.rates().wer())),
    ROUGE_L(true, scores -> Optional.of(scores.rougeL())),
    EXACT_MATCH(true, scores -> Optional.of(scores.exactMatch())),
    LOSS(false, scores -> Optional.of(scores.loss())),
    KL_FORWARD(false, scores -> scores.divergence().map(Divergence::klForward)),
    KL_REVERSE(false, scores -> scores.divergence().map(Divergence::klReverse));

    private final boolean isHigherBetter;
    private final Function<EvalScores, Optional<Double>> value;

    EvalMetric(boolean isHigherBetter, Function<EvalScores, Optional<Double>> value) {
        this.isHigherBetter = isHigherBetter;
        this.value = value;
    }

    /** Its name in files and options. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** By its name; IllegalArgumentException with all names if there is none. */
    public static EvalMetric named(String key) {
        return Arrays.stream(values())
                .filter(metric -> metric.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + key + "' is no metric; use "
                        + Arrays.stream(values()).map(EvalMetric::key).collect(Collectors.joining(" or "))));
    }

    /** Whether it compares with a teacher. */
    public boolean needsTeacher() {
        return this == KL_FORWARD || this == KL_REVERSE;
    }

    /** Empty if it needs a teacher and there was none. */
    public Optional<Double> of(EvalScores scores) {
        return value.apply(scores);
    }

    /** Whether {@code value} is better than {@code other}; what is no number is never better, and always worse. */
    public boolean isBetter(double value, double other) {
        if (Double.isNaN(value) || Double.isNaN(other)) {
            return !Double.isNaN(value);
        }
        return isHigherBetter ? value > other : value < other;
    }
}
