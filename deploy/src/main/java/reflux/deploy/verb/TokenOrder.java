// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import reflux.model.text.TextTokenizer;

/**
 * Gives a tokenizer's ids anew, the most frequent token first; special tokens keep theirs. What texts are split into does not
 * change. So the first k ids are the k tokens that matter, which is what {@code learner.topk_vocab} takes.
 */
final class TokenOrder {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private TokenOrder() {}

    /** Rewrites {@code tokenizer.json} in the directory by the frequencies in the lines. */
    static void byFrequency(Path directory, List<String> lines) throws IOException {
        Path file = directory.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(file.toFile());
        ObjectNode model = (ObjectNode) tokenizer.get("model");
        List<Token> tokens = new ArrayList<>();
        long[] counts = counts(directory, lines);
        model.get("vocab").fields().forEachRemaining(entry -> {
            int id = entry.getValue().asInt();
            tokens.add(new Token(entry.getKey(), id, counts[id]));
        });
        Set<String> special = new HashSet<>();
        tokenizer
                .path("added_tokens")
                .forEach(added -> special.add(added.path("content").asText()));
        List<Token> free =
                tokens.stream().filter(token -> !special.contains(token.text())).toList();
        List<Integer> places = free.stream().map(Token::id).sorted().toList();
        List<Token> ordered = free.stream()
                .sorted(Comparator.comparingLong(Token::count).reversed().thenComparing(Token::id))
                .toList();
        TreeMap<Integer, String> renamed = new TreeMap<>();
        tokens.forEach(token -> renamed.put(token.id(), token.text()));
        for (int i = 0; i < ordered.size(); i++) {
            renamed.put(places.get(i), ordered.get(i).text());
        }
        ObjectNode vocabulary = model.putObject("vocab");
        renamed.forEach((id, text) -> vocabulary.put(text, id));
        JSON.writeValue(file.toFile(), tokenizer);
    }

    private record Token(String text, int id, long count) {}

    private static long[] counts(Path directory, List<String> lines) {
        try (TextTokenizer tokenizer = TextTokenizer.load(directory)) {
            long[] counts = new long[tokenizer.vocabulary().size()];
            for (String line : lines) {
                for (int id : tokenizer.encode(line)) {
                    counts[id]++;
                }
            }
            return counts;
        }
    }
}
