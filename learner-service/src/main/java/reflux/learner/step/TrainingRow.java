// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.Arrays;
import java.util.Optional;
import reflux.learner.ledger.Sample;
import reflux.model.text.TokenIds;

/**
 * One sequence that goes through the student. Row {@code firstRow + i} of its states predicts its response token i.
 *
 * @param input prompt and response without the response's last token
 * @param firstRow position of the prompt's last token
 * @param labels response tokens
 * @param sample the scored rollout; empty for a gold response, whose labels are learned by cross-entropy
 */
record TrainingRow(TokenIds input, int firstRow, TokenIds labels, Optional<Sample> sample) {

    static TrainingRow sampled(int[] prompt, Sample sample) {
        return of(prompt, sample.tokens(), Optional.of(sample));
    }

    /** The whole response and its end. */
    static TrainingRow gold(int[] prompt, int[] response, int endId) {
        return gold(prompt, response, endId, Integer.MAX_VALUE);
    }

    /** The response and its end, cut where the context ends. */
    static TrainingRow gold(int[] prompt, int[] response, int endId, int contextLength) {
        int[] labels = Arrays.copyOf(response, response.length + 1);
        labels[response.length] = endId;
        int room = contextLength - prompt.length + 1;
        return of(prompt, TokenIds.of(Arrays.copyOf(labels, Math.min(labels.length, room))), Optional.empty());
    }

    private static TrainingRow of(int[] prompt, TokenIds labels, Optional<Sample> sample) {
        if (prompt.length == 0 || labels.size() == 0) {
            throw new IllegalArgumentException("a sequence must have a prompt and a response, had " + prompt.length
                    + " and " + labels.size() + " tokens");
        }
        int[] input = Arrays.copyOf(prompt, prompt.length + labels.size() - 1);
        System.arraycopy(labels.toArray(), 0, input, prompt.length, labels.size() - 1);
        return new TrainingRow(TokenIds.of(input), prompt.length - 1, labels, sample);
    }

    int length() {
        return input.size();
    }
}
