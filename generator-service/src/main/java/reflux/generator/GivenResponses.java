// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import reflux.generator.sampling.FinishKind;
import reflux.generator.sampling.Response;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;

/** Turns given texts into responses in the student's tokens. Safe from all threads; throws IllegalArgumentException. */
final class GivenResponses {
    private final TextTokenizer tokenizer;
    private final int maxLength;

    /** @param maxLength longest prompt and response together, in tokens */
    GivenResponses(TextTokenizer tokenizer, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
    }

    /** The text of given bytes; bytes that are no UTF-8 would spell another text and are refused. */
    static String text(ByteString given) {
        ByteBuffer bytes = given.asReadOnlyByteBuffer();
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult result = decoder.decode(bytes, text, true);
        if (result.isError()) {
            throw new IllegalArgumentException("given_response must be UTF-8, is not at byte " + bytes.position());
        }
        return text.flip().toString();
    }

    /**
     * The text's tokens, without special ones, and the end-of-sequence token; or as many tokens as there is room for, and no end.
     * An empty text is the end alone. The response's bytes are what the tokens spell, as of a sampled one.
     *
     * @param isCut the text goes on where it ends, so it has no end either
     */
    Response read(PromptText prompt, String text, boolean isCut, int maxNewTokens) {
        int promptTokens = tokenizer.encodePrompt(prompt).length;
        int room = Math.min(maxNewTokens, maxLength - promptTokens);
        if (promptTokens < 1 || room < 1) {
            throw new IllegalArgumentException(
                    "prompt must have 1 to " + (maxLength - 1) + " tokens, had " + promptTokens);
        }
        int[] tokens = tokens(text);
        if (isCut && tokens.length == 0) {
            throw new IllegalArgumentException("given_response is empty and cut: there is nothing to train on");
        }
        boolean ends = !isCut && tokens.length < room;
        int[] ids = Arrays.copyOf(tokens, ends ? tokens.length + 1 : Math.min(tokens.length, room));
        if (ends) {
            ids[tokens.length] = endId();
        }
        ByteBuffer spelled = ByteBuffer.wrap(tokenizer.vocabulary().spellResponse(ids));
        return new Response(ends ? FinishKind.END_TOKEN : FinishKind.LENGTH, promptTokens, TokenIds.of(ids), spelled);
    }

    private int[] tokens(String text) {
        if (text.isEmpty()) {
            return new int[0];
        }
        int[] tokens = tokenizer.encode(text);
        if (tokens.length == 0) {
            throw new IllegalArgumentException(
                    "given_response has no token in the student's tokenizer; leave it empty for the end of sequence alone");
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokenizer.vocabulary().kind(tokens[i]) != TokenKind.TEXT) {
                throw new IllegalArgumentException("given_response cannot be said in the student's tokens: number " + i
                        + " would be id " + tokens[i] + ", which spells nothing");
            }
        }
        return tokens;
    }

    private int endId() {
        int end = tokenizer.vocabulary().endId();
        if (end < 0) {
            throw new IllegalArgumentException(
                    "given_response cannot end: the student's tokenizer has no end-of-sequence token");
        }
        return end;
    }
}
