// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.ArrayList;
import java.util.List;

/** Chooses which waiting prompts go through the model together. */
final class PrefillPlan {
    private PrefillPlan() {}

    /**
     * The longest waiting prompt in time always goes; others go with it in their order if they are of like length (half to
     * double), there is a slot, and the padded batch stays within the budget.
     *
     * @param lengths tokens of the waiting prompts, in order of arrival
     * @return indices into {@code lengths}, ascending
     */
    static List<Integer> choose(List<Integer> lengths, int freeSlots, int tokenBudget) {
        List<Integer> chosen = new ArrayList<>();
        if (lengths.isEmpty() || freeSlots < 1) {
            return chosen;
        }
        int first = lengths.get(0);
        int width = first;
        for (int i = 0; i < lengths.size() && chosen.size() < freeSlots; i++) {
            int length = lengths.get(i);
            int padded = Math.max(width, length) * (chosen.size() + 1);
            boolean alike = 2 * length >= first && length <= 2 * first;
            if (chosen.isEmpty() || (alike && padded <= tokenBudget)) {
                chosen.add(i);
                width = Math.max(width, length);
            }
        }
        return chosen;
    }
}
