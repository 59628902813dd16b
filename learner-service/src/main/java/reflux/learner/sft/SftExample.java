// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import reflux.model.text.TokenIds;

/**
 * One tokenised line: the model reads {@code input}, and the row at {@code firstRow + i} predicts {@code labels[i]}.
 *
 * @param input prompt ids and response ids, without the end
 * @param labels response ids and the end-of-sequence id
 * @param firstRow index of the last prompt token
 */
record SftExample(TokenIds input, TokenIds labels, int firstRow) {

    static SftExample of(int[] prompt, int[] response, int endId) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("the prompt has no tokens");
        }
        int[] input = new int[prompt.length + response.length];
        System.arraycopy(prompt, 0, input, 0, prompt.length);
        System.arraycopy(response, 0, input, prompt.length, response.length);
        int[] labels = new int[response.length + 1];
        System.arraycopy(response, 0, labels, 0, response.length);
        labels[response.length] = endId;
        return new SftExample(TokenIds.of(input), TokenIds.of(labels), prompt.length - 1);
    }

    int length() {
        return input.size();
    }
}
