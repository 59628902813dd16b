// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.nio.file.Path;

/** The tokenizer of one model directory; safe for use by several threads. */
public final class TextTokenizer implements AutoCloseable {
    private TextTokenizer() {}

    /** Loads {@code tokenizer.json} and what stands beside it. */
    public static TextTokenizer load(Path modelDir) {
        throw new UnsupportedOperationException("not yet");
    }

    public Vocabulary vocabulary() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Token ids of a text; no special tokens are added. */
    public int[] encode(String text) {
        throw new UnsupportedOperationException("not yet");
    }

    public TokenizedBytes tokenize(byte[] utf8) {
        throw new UnsupportedOperationException("not yet");
    }

    public String decode(int[] ids) {
        throw new UnsupportedOperationException("not yet");
    }

    public int[] encodePrompt(PromptText prompt) {
        throw new UnsupportedOperationException("not yet");
    }

    /** SHA-256, in hex, of the chat template's UTF-8 text; empty if there is none. */
    public String chatTemplateFingerprint() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
