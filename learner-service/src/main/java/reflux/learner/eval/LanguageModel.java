// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;

/** A decoder and the tokenizer that it was trained with. Confined to the engine thread. */
public record LanguageModel(Decoder decoder, TextTokenizer tokenizer) implements AutoCloseable {

    /** A frozen model in f32. */
    public static LanguageModel load(Engine engine, ModelDirectory directory) {
        Decoder decoder = Decoder.load(engine, directory, DataType.F32);
        try {
            return new LanguageModel(decoder, directory.openTokenizer());
        } catch (RuntimeException e) {
            decoder.close();
            throw e;
        }
    }

    @Override
    public void close() {
        tokenizer.close();
        decoder.close();
    }
}
