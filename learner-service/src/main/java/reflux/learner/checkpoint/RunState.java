// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import reflux.learner.data.AdaptiveSchedule;
import reflux.learner.data.Cursor;
import reflux.learner.ledger.FedOutcome;
import reflux.learner.ledger.LedgerState;

/**
 * What a run needs beside its tensors to go on as if it had not stopped. Its random numbers are all functions of the seed and
 * of ids or epochs, so the configuration and the cursor stand for them.
 *
 * @param step steps done, and the policy version that they made
 * @param teacherHead fingerprint of the LM head that the projector belongs to
 * @param schedule of the adaptive mix of sources, where there is one
 * @param outcomes of fed prompts, so that they are told again and not trained again
 * @param config of the run that wrote this
 */
public record RunState(
        long step,
        Cursor cursor,
        LedgerState ledger,
        RunTotals totals,
        String teacherHead,
        Optional<AdaptiveSchedule.State> schedule,
        List<FedOutcome> outcomes,
        JsonNode config) {
    public RunState {
        outcomes = List.copyOf(outcomes);
    }
}
