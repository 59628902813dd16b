// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import reflux.learner.align.TokenSpans;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenizedBytes;
import reflux.model.text.Vocabulary;

/**
 * One model's reading of a prompt and a given response: its input ids, its response tokens, the end among them, and their
 * spans. A response that goes beyond the model's context is cut there. Row {@code firstRow + i} of the model predicts response
 * token i.
 */
record ForcedView(TokenIds input, TokenIds labels, TokenSpans spans, int firstRow) {

    static ForcedView of(LanguageModel model, PromptText prompt, String response) {
        return of(model.tokenizer(), model.decoder().config().contextLength(), prompt, response);
    }

    static ForcedView of(TextTokenizer tokenizer, int contextLength, PromptText prompt, String response) {
        int[] head = tokenizer.encodePrompt(prompt);
        if (head.length > contextLength) {
            throw new IllegalArgumentException(
                    "a prompt has " + head.length + " tokens, the model has " + contextLength + " positions");
        }
        TokenizedBytes tokenized = tokenizer.tokenize(response.getBytes(StandardCharsets.UTF_8));
        Vocabulary vocabulary = tokenizer.vocabulary();
        int count = tokenized.ids().size();
        int[] ids = Arrays.copyOf(tokenized.ids().toArray(), count + 1);
        ids[count] = vocabulary.endId();
        int[] ends = Arrays.copyOf(tokenized.ends().toArray(), count + 1);
        ends[count] = count == 0 ? 0 : ends[count - 1];
        int kept = Math.min(ids.length, contextLength - head.length + 1);
        int[] labels = Arrays.copyOf(ids, kept);
        int covered = kept > count ? tokenized.coveredBytes() : Math.min(tokenized.coveredBytes(), ends[kept - 1]);
        TokenSpans spans = TokenSpans.tokenized(vocabulary, labels, Arrays.copyOf(ends, kept), covered);
        int[] input = Arrays.copyOf(head, head.length + kept - 1);
        System.arraycopy(labels, 0, input, head.length, kept - 1);
        return new ForcedView(TokenIds.of(input), TokenIds.of(labels), spans, head.length - 1);
    }

    /** The rows that predict its response tokens, in a batch where it begins at row {@code offset}. */
    IntStream rows(int offset) {
        return IntStream.range(0, labels.size()).map(i -> offset + firstRow + i);
    }
}
