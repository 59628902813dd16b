// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        Map<String, Integer> ids = new LinkedHashMap<>();
        model.get("vocab").fields().forEachRemaining(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
        long[] counts = counts(directory, lines);
        List<String> free = new ArrayList<>(ids.keySet());
        for (JsonNode added : tokenizer.path("added_tokens")) {
            free.remove(added.path("content").asText());
        }
        List<Integer> places = free.stream().map(ids::get).sorted().toList();
        free.sort(Comparator.comparingLong((String token) -> -counts[ids.get(token)]).thenComparing(ids::get));
        Map<String, Integer> renamed = new HashMap<>(ids);
        for (int i = 0; i < free.size(); i++) {
            renamed.put(free.get(i), places.get(i));
        }
        ObjectNode vocabulary = model.putObject("vocab");
        renamed.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> vocabulary.put(entry.getKey(), entry.getValue()));
        JSON.writeValue(file.toFile(), tokenizer);
    }

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
