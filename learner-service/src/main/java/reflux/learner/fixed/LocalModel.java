// SPDX-License-Identifier: Apache-2.0
package reflux.learner.fixed;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenizedBytes;

/** A frozen model and its tokenizer, in f32. Use on the engine thread. */
final class LocalModel implements AutoCloseable {
    private final Decoder decoder;
    private final TextTokenizer tokenizer;

    private LocalModel(Decoder decoder, TextTokenizer tokenizer) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
    }

    static LocalModel open(Engine engine, ModelDirectory directory) {
        TextTokenizer tokenizer = directory.openTokenizer();
        try {
            return new LocalModel(Decoder.load(engine, directory, DataType.F32), tokenizer);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    Decoder decoder() {
        return decoder;
    }

    TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** A response that ends, as this model's tokenizer cuts it. */
    Reading read(PromptText prompt, byte[] response, String place) {
        TokenizedBytes tokens = tokenizer.tokenize(response);
        int[] ids = ended(tokens.ids().toArray(), tokenizer.vocabulary().endId());
        int[] ends = tokens.ends().toArray();
        int last = ends.length == 0 ? 0 : ends[ends.length - 1];
        int[] head = tokenizer.encodePrompt(prompt);
        int context = decoder.config().contextLength();
        if (head.length == 0 || head.length + ids.length - 1 > context) {
            throw new IllegalArgumentException(place + ": prompt and response have " + head.length + " and "
                    + ids.length + " tokens; there must be a prompt, and the model takes " + context + " in all");
        }
        return new Reading(TokenIds.of(head), TokenIds.of(ids), TokenIds.of(ended(ends, last)), tokens.coveredBytes());
    }

    private static int[] ended(int[] values, int end) {
        int[] more = Arrays.copyOf(values, values.length + 1);
        more[values.length] = end;
        return more;
    }

    /** [N, D]: the states that predict the response's tokens. */
    Tensor states(Scope out, Reading reading) {
        int[] head = reading.prompt().toArray();
        int count = reading.response().size();
        int[] input = Arrays.copyOf(head, head.length + count - 1);
        System.arraycopy(reading.response().toArray(), 0, input, head.length, count - 1);
        Tensor hidden_BTD = decoder.hidden(out, TokenBatch.of(List.of(input)));
        return decoder.rows(
                out,
                hidden_BTD,
                IntStream.range(head.length - 1, head.length - 1 + count).toArray());
    }

    /** ln p of every token of the vocabulary at each of the response's places. */
    LogProbs logProbs(Scope out, Tensor states_ND) {
        Tensor logits_NV = decoder.logits(out, states_ND);
        int vocabulary = tokenizer.vocabulary().size();
        return LogProbs.of(logits_NV.floats(), Math.toIntExact(logits_NV.size(1)), vocabulary);
    }

    @Override
    public void close() {
        decoder.close();
        tokenizer.close();
    }

    /**
     * Tokens of one response.
     *
     * @param response the end-of-sequence token last
     * @param ends byte of the response where each of its tokens ends
     * @param coveredBytes how far the tokens spell the response
     */
    record Reading(TokenIds prompt, TokenIds response, TokenIds ends, int coveredBytes) {}
}
