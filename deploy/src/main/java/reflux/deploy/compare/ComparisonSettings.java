// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import java.nio.file.Path;
import java.util.List;

/**
 * How methods are compared.
 *
 * @param home the {@code deploy} directory
 * @param methods directory of {@code common.yaml} and a file for each method
 * @param work runs and their results; what is finished there is not run again
 * @param results where compare.md, compare.csv and compare.png go
 * @param only names of methods to run; empty = all
 * @param seeds of the runs that are compared
 * @param searchSeed of the runs that choose a learning rate
 * @param rates learning rates that are tried
 * @param tokens of responses that a run trains on, which decide its steps by what the search's step trains on
 * @param steps of a run that is compared; 0 = as {@code tokens} says
 * @param searchSteps of a run that chooses a learning rate
 * @param trainWords that all methods are trained on, with their right answers; 0 = all
 * @param words that a run is evaluated on; half of them in the search
 * @param jobs runs side by side; seconds mean something only with 1
 * @param overrides more settings, as {@code --set} takes them
 */
public record ComparisonSettings(
        Path home,
        Path methods,
        Path work,
        Path results,
        List<String> only,
        List<Long> seeds,
        long searchSeed,
        List<Double> rates,
        long tokens,
        int steps,
        int searchSteps,
        int trainWords,
        int words,
        int jobs,
        List<String> overrides) {
    public ComparisonSettings {
        only = List.copyOf(only);
        seeds = List.copyOf(seeds);
        rates = List.copyOf(rates);
        overrides = List.copyOf(overrides);
        if (seeds.isEmpty() || rates.isEmpty()) {
            throw new IllegalArgumentException("at least one seed and one learning rate are needed");
        }
        if (tokens < 1 || steps < 0 || searchSteps < 1 || trainWords < 0 || words < 2 || jobs < 1) {
            throw new IllegalArgumentException(
                    "tokens, search steps and jobs must be at least 1, steps and training words 0 or more and words at least 2, were "
                            + tokens + ", " + steps + ", " + searchSteps + ", " + jobs + ", " + trainWords + ", "
                            + words);
        }
    }

    /** Steps of a compared run whose method trains on so many tokens a step. */
    int stepsFor(double tokensPerStep) {
        return steps > 0 ? steps : (int) Math.max(1, Math.round(tokens / Math.max(1, tokensPerStep)));
    }
}
