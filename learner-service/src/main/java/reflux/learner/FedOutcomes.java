// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.ArrayList;
import java.util.List;
import reflux.learner.ledger.FedOutcome;
import reflux.learner.ledger.Sample;
import reflux.learner.step.StepResult;

/** What clients are told of the fed prompts of a step. */
final class FedOutcomes {
    private FedOutcomes() {}

    /** @param version that the step made */
    static List<FedOutcome> of(List<Sample> batch, StepResult result, long version) {
        List<FedOutcome> outcomes = new ArrayList<>();
        for (StepResult.FedResult fed : result.fed()) {
            batch.stream()
                    .filter(sample -> sample.id().equals(fed.id()))
                    .forEach(sample -> outcomes.add(outcome(sample, fed, version)));
        }
        return outcomes;
    }

    private static FedOutcome outcome(Sample sample, StepResult.FedResult fed, long version) {
        return new FedOutcome(
                sample.id(),
                version,
                sample.response(),
                sample.finish(),
                sample.tokens().size(),
                Math.toIntExact(version - 1 - sample.oldestVersion()),
                fed.klPerToken(),
                fed.alignRatio());
    }
}
