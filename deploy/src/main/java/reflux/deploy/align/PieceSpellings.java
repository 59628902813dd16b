// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.align;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import reflux.model.text.TokenIds;

/** How tokenizer.json spells each token, space markers and byte letters included; the published scan compares these. */
final class PieceSpellings {
    private final Map<Integer, String> pieces = new HashMap<>();

    private PieceSpellings() {}

    static PieceSpellings read(Path model) {
        Path file = model.resolve("tokenizer.json");
        try {
            JsonNode root = new ObjectMapper().readTree(file.toFile());
            PieceSpellings spellings = new PieceSpellings();
            JsonNode vocabulary = root.path("model").path("vocab");
            vocabulary.properties().forEach(piece -> spellings.put(piece.getValue(), piece.getKey()));
            for (int id = 0; vocabulary.isArray() && id < vocabulary.size(); id++) {
                spellings.pieces.put(id, vocabulary.get(id).path(0).asText());
            }
            root.path("added_tokens")
                    .forEach(token -> spellings.put(
                            token.path("id"), token.path("content").asText()));
            return spellings;
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void put(JsonNode id, String piece) {
        pieces.put(id.asInt(), piece);
    }

    List<String> of(TokenIds ids) {
        return IntStream.range(0, ids.size())
                .mapToObj(i -> pieces.getOrDefault(ids.get(i), ""))
                .toList();
    }
}
