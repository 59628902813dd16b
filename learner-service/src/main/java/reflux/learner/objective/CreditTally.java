// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Map;
import reflux.learner.policy.Moments;
import reflux.learner.policy.Whitening;

/** The moments of the credit of a step's sampled tokens, by way of the step's tally: so whitening is over the step, however split. */
final class CreditTally {
    /** The number of sampled tokens. */
    static final String TOKENS = "credit.tokens";

    private static final String SUM = "credit.sum";
    private static final String SQUARES = "credit.squares";
    private static final String RESPONSES = "credit.responses";
    /** One name for each length that there is, because a tally adds up and knows no largest. */
    private static final String LENGTH = "credit.length.";

    private CreditTally() {}

    /** Of one response. */
    static Tally of(double[] credit) {
        Moments moments = Moments.of(credit);
        return new Tally(Map.of(
                TOKENS,
                moments.count(),
                SUM,
                moments.sum(),
                SQUARES,
                moments.squares(),
                RESPONSES,
                1.0,
                LENGTH + credit.length,
                1.0));
    }

    /** The credit of some of the step's tokens as advantages. */
    static double[] advantages(double[] credit, Whitening whitening, Tally step) {
        Moments moments = new Moments(step.get(TOKENS), step.get(SUM), step.get(SQUARES));
        return switch (whitening) {
            case NONE -> credit.clone();
            case MASKED -> moments.whiten(credit);
            case BATCH -> moments.padded(step.get(RESPONSES) * longest(step)).whiten(credit);
        };
    }

    private static int longest(Tally step) {
        return step.sums().keySet().stream()
                .filter(name -> name.startsWith(LENGTH))
                .mapToInt(name -> Integer.parseInt(name.substring(LENGTH.length())))
                .max()
                .orElse(0);
    }
}
