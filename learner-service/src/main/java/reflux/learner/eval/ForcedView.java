// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import reflux.learner.align.TokenSpans;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenizedBytes;
import reflux.model.text.Vocabulary;

/**
 * One model's reading of a prompt and a given response that ends: its input ids and the spans of its response tokens, the
 * end among them. Row {@code firstRow + i} of the model predicts response token i.
 */
record ForcedView(TokenIds input, TokenSpans spans, int firstRow) {

    static ForcedView of(TextTokenizer tokenizer, String prompt, String response) {
        int[] head = tokenizer.encodePrompt(new PromptText.Text(prompt));
        TokenizedBytes tokenized = tokenizer.tokenize(response.getBytes(StandardCharsets.UTF_8));
        int[] ids = tokenized.ids().toArray();
        int[] input = Arrays.copyOf(head, head.length + ids.length);
        System.arraycopy(ids, 0, input, head.length, ids.length);
        Vocabulary vocabulary = tokenizer.vocabulary();
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = vocabulary.endId();
        int[] ends = Arrays.copyOf(tokenized.ends().toArray(), ids.length + 1);
        ends[ids.length] = ids.length == 0 ? 0 : ends[ids.length - 1];
        TokenSpans spans = TokenSpans.tokenized(vocabulary, ended, ends, tokenized.coveredBytes());
        return new ForcedView(TokenIds.of(input), spans, head.length - 1);
    }
}
