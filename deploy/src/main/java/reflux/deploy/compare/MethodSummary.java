// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A method's runs together.
 *
 * @param tests runs with the chosen learning rate, one a seed
 * @param searches runs that chose it
 */
record MethodSummary(String name, List<RunResult> tests, List<RunResult> searches) {
    MethodSummary {
        tests = List.copyOf(tests);
        searches = List.copyOf(searches);
    }

    /** Empty without a run to tell of. */
    static Optional<MethodSummary> of(String name, List<RunResult> tests, List<RunResult> searches) {
        return tests.isEmpty() ? Optional.empty() : Optional.of(new MethodSummary(name, tests, searches));
    }

    /** Empty for an ablation, whose rate another method chose. */
    List<RunResult> ownSearches() {
        return searches.stream().filter(search -> search.method().equals(name)).toList();
    }

    String student() {
        return tests.get(0).student();
    }

    double learningRate() {
        return tests.get(0).learningRate();
    }

    Spread per() {
        return spread(RunResult::per);
    }

    Spread wer() {
        return spread(RunResult::wer);
    }

    Spread klPerToken() {
        return spread(RunResult::klPerToken);
    }

    Spread seconds() {
        return spread(RunResult::seconds);
    }

    Spread trainedTokens() {
        return spread(RunResult::trainedTokens);
    }

    Optional<Spread> alignRatio() {
        return Optional.of(tests.stream()
                        .map(RunResult::alignRatio)
                        .filter(Objects::nonNull)
                        .toList())
                .filter(values -> !values.isEmpty())
                .map(Spread::of);
    }

    Optional<Spread> byteCoverage() {
        return Optional.of(tests.stream()
                        .map(RunResult::byteCoverage)
                        .filter(Objects::nonNull)
                        .toList())
                .filter(values -> !values.isEmpty())
                .map(Spread::of);
    }

    private Spread spread(ToDoubleFunction<RunResult> value) {
        return Spread.of(tests.stream().map(value::applyAsDouble).toList());
    }
}
