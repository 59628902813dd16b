// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.Arrays;
import java.util.List;
import reflux.model.text.Message;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.TokenizedBytes;
import reflux.model.text.Vocabulary;
import reflux.v1.Fingerprints;
import reflux.v1.Hello;
import reflux.v1.Limits;
import reflux.v1.ModelCard;
import reflux.v1.Prompt;
import reflux.v1.ScoreRequest;
import reflux.v1.TensorHeader;
import reflux.wire.CapacityException;
import reflux.wire.ContractMismatchException;
import reflux.wire.FingerprintCheck;
import reflux.wire.Prompts;

/** Turns requests into tokens, and refuses what this teacher cannot or may not score. Safe from all threads. */
final class RequestReader {

    private final TextTokenizer tokenizer;
    private final ModelCard card;
    private final Limits limits;
    private final PayloadRules rules;
    private final int maxInputTokens;
    private final long maxAnswerBytes;

    RequestReader(TextTokenizer tokenizer, ModelCard card, Limits limits, PayloadRules rules, TeacherConfig config) {
        this.tokenizer = tokenizer;
        this.card = card;
        this.limits = limits;
        this.rules = rules;
        this.maxInputTokens = Math.min(config.maxBatchTokens(), card.getContextLength());
        this.maxAnswerBytes = config.maxBufferedBytes();
    }

    /** ContractMismatchException that names both sides if what is expected is not what this teacher has. */
    void checkExpected(Fingerprints expected, String client) {
        FingerprintCheck.require(expected, card.getFingerprints(), client, "teacher " + card.getName());
    }

    /** What can be said of a request without any work; returns what it asks for. Cheap. */
    List<AskedPayload> check(ScoreRequest request, Hello hello) {
        checkExpected(request.getExpect(), hello.getClientId());
        Prompts.check(request.getPrompt(), limits);
        requireAtMost("response", "bytes", request.getResponse().size(), limits.getMaxResponseBytes());
        requireAtMost("response", "tokens", request.getResponseIdsCount(), limits.getMaxResponseTokens());
        if (request.getResponse().isEmpty() && request.getResponseIdsCount() == 0 && !request.getEnded()) {
            throw new IllegalArgumentException("response is empty and has not ended: there is nothing to score");
        }
        if (request.getEnded() && tokenizer.vocabulary().endId() < 0) {
            throw new ContractMismatchException(
                    "the request says ended, but teacher " + card.getName() + " has no end-of-sequence token");
        }
        if (request.getResponseIdsCount() > 0) {
            checkResponseIds(request, hello);
        }
        return rules.read(request.getPayloadsList());
    }

    /** Tokenises; takes up to milliseconds. */
    ScoreItem read(ScoreRequest request, List<AskedPayload> asked) {
        int[] prompt = tokenizer.encodePrompt(promptText(request.getPrompt()));
        if (prompt.length == 0) {
            throw new IllegalArgumentException("prompt must have at least one token, had none");
        }
        requireAtMost("prompt", "tokens", prompt.length, limits.getMaxPromptTokens());
        TokenizedBytes response = response(request);
        int count = response.ids().size();
        requireAtMost("response", "tokens", count, limits.getMaxResponseTokens());
        requireAtMost("prompt and response", "tokens", prompt.length + count - 1L, maxInputTokens);
        List<TensorHeader> tensors = rules.layout(asked, count);
        ScoreKey key = new ScoreKey(concatenated(prompt, response.ids().toArray()), prompt.length, asked);
        ScoreItem item = new ScoreItem(key, response.ends(), response.coveredBytes(), tensors);
        requireAtMost("score", "bytes", item.answerBytes(), maxAnswerBytes);
        return item;
    }

    private void checkResponseIds(ScoreRequest request, Hello hello) {
        String ours = card.getFingerprints().getTokenizer();
        boolean named = request.getExpect().getTokenizer().equals(ours)
                || hello.getExpect().getTokenizer().equals(ours);
        if (!named) {
            throw new IllegalArgumentException(
                    "response_ids need expect.tokenizer, the fingerprint of their tokenizer");
        }
        for (int id : request.getResponseIdsList()) {
            if (id < 0 || id >= tokenizer.vocabulary().size()) {
                throw new IllegalArgumentException("response id must be below "
                        + tokenizer.vocabulary().size() + ", was " + Integer.toUnsignedString(id));
            }
        }
    }

    private TokenizedBytes response(ScoreRequest request) {
        TokenizedBytes tokens = request.getResponseIdsCount() > 0
                ? given(request)
                : tokenizer.tokenize(request.getResponse().toByteArray());
        return request.getEnded() ? withEnd(tokens, request) : tokens;
    }

    private TokenizedBytes given(ScoreRequest request) {
        Vocabulary vocabulary = tokenizer.vocabulary();
        int[] ids = request.getResponseIdsList().stream()
                .mapToInt(Integer::intValue)
                .toArray();
        byte[] spelled = vocabulary.spellResponse(ids);
        byte[] response = request.getResponse().toByteArray();
        int difference = Arrays.mismatch(spelled, response);
        if (response.length > 0 && difference >= 0) {
            throw new IllegalArgumentException(
                    "response_ids do not spell the response: they differ at byte " + difference);
        }
        return new TokenizedBytes(TokenIds.of(ids), TokenIds.of(vocabulary.responseEnds(ids)), spelled.length);
    }

    private TokenizedBytes withEnd(TokenizedBytes tokens, ScoreRequest request) {
        int count = tokens.ids().size();
        Vocabulary vocabulary = tokenizer.vocabulary();
        if (request.getResponseIdsCount() > 0 && vocabulary.kind(tokens.ids().get(count - 1)) == TokenKind.END) {
            return tokens;
        }
        int end = count == 0 ? 0 : tokens.ends().get(count - 1);
        return new TokenizedBytes(
                concatenated(tokens.ids().toArray(), vocabulary.endId()),
                concatenated(tokens.ends().toArray(), end),
                tokens.coveredBytes());
    }

    private static PromptText promptText(Prompt prompt) {
        return switch (prompt.getKindCase()) {
            case TEXT -> new PromptText.Text(prompt.getText());
            case IDS ->
                new PromptText.Ids(TokenIds.of(prompt.getIds().getIdsList().stream()
                        .mapToInt(Integer::intValue)
                        .toArray()));
            case MESSAGES ->
                new PromptText.Messages(prompt.getMessages().getMessagesList().stream()
                        .map(message -> new Message(message.getRole(), message.getContent()))
                        .toList());
            case KIND_NOT_SET -> throw new IllegalArgumentException("prompt must be text, messages or ids, was none");
        };
    }

    private static TokenIds concatenated(int[] first, int... second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return TokenIds.of(both);
    }

    private static void requireAtMost(String what, String unit, long value, long most) {
        if (value > most) {
            throw new CapacityException(what + " must have at most " + most + " " + unit + ", had " + value);
        }
    }
}
