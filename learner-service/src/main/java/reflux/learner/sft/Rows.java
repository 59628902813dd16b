// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.util.List;
import reflux.model.decoder.TokenBatch;

/** A batch laid out for the decoder: padded inputs, and the flat rows {@code b * T + t} that predict the labels. */
final class Rows {
    private final TokenBatch inputs;
    private final int[] indices;
    private final int[] labels;

    private Rows(TokenBatch inputs, int[] indices, int[] labels) {
        this.inputs = inputs;
        this.indices = indices;
        this.labels = labels;
    }

    static Rows of(List<SftExample> batch) {
        TokenBatch inputs =
                TokenBatch.of(batch.stream().map(e -> e.input().toArray()).toList());
        int count = batch.stream().mapToInt(e -> e.labels().size()).sum();
        int[] indices = new int[count];
        int[] labels = new int[count];
        int n = 0;
        for (int b = 0; b < batch.size(); b++) {
            SftExample example = batch.get(b);
            for (int i = 0; i < example.labels().size(); i++) {
                indices[n] = b * inputs.width() + example.firstRow() + i;
                labels[n++] = example.labels().get(i);
            }
        }
        return new Rows(inputs, indices, labels);
    }

    TokenBatch inputs() {
        return inputs;
    }

    int[] indices() {
        return indices;
    }

    int[] labels() {
        return labels;
    }

    int count() {
        return labels.length;
    }

    int positions() {
        return inputs.rows() * inputs.width();
    }
}
