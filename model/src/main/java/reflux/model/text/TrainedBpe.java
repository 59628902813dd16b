// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.nio.file.Path;

/** A learned byte-pair encoding, to be written in Hugging Face's files. */
public final class TrainedBpe {
    private TrainedBpe() {}

    /** Number of ids; less than what was asked for if the text has no more pairs to merge. */
    public int size() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Id that ends a sequence. */
    public int endId() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Writes tokenizer.json, tokenizer_config.json and special_tokens_map.json into {@code dir}, which is created if absent. */
    public void write(Path dir) {
        throw new UnsupportedOperationException("not yet " + dir);
    }
}
