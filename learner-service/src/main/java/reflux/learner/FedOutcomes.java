// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reflux.learner.ledger.FedOutcome;
import reflux.learner.ledger.Sample;
import reflux.learner.step.StepResult;

/** What clients are told of the fed prompts of a step. */
final class FedOutcomes {
    private FedOutcomes() {}

    /** @param version that the step made */
    static List<FedOutcome> of(List<Sample> batch, StepResult result, long version) {
        Map<String, Sample> samples = new HashMap<>();
        batch.forEach(sample -> samples.put(sample.id(), sample));
        return result.fed().stream()
                .filter(fed -> samples.containsKey(fed.id()))
                .map(fed -> outcome(samples.get(fed.id()), fed, version))
                .toList();
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
