// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Builds the table of bytes and kinds from tokenizer.json. */
final class VocabularyReader {
    private static final int MAX_ID = 1 << 24;

    private final TokenizerFiles files;
    private final Spelling spelling;
    private final TreeMap<Integer, String> pieces = new TreeMap<>();
    private final Set<Integer> literals = new HashSet<>();
    private final Set<Integer> specials = new HashSet<>();
    private final Set<Integer> ends = new HashSet<>();

    private VocabularyReader(TokenizerFiles files, Spelling spelling) {
        this.files = files;
        this.spelling = spelling;
    }

    static Vocabulary read(TokenizerFiles files, Spelling spelling, LeadingSpace leadingSpace) {
        VocabularyReader reader = new VocabularyReader(files, spelling);
        reader.readModel();
        reader.readAdded();
        reader.readSpecials();
        return reader.build(leadingSpace);
    }

    private void readModel() {
        JsonNode vocabulary = files.tokenizer().path("model").path("vocab");
        if (vocabulary.isArray()) {
            for (int id = 0; id < vocabulary.size(); id++) {
                pieces.put(id, vocabulary.get(id).path(0).asText());
            }
        } else {
            for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
                pieces.put(checked(entry.getValue()), entry.getKey());
            }
        }
    }

    private void readAdded() {
        for (JsonNode token : files.tokenizer().path("added_tokens")) {
            int id = checked(token.path("id"));
            String content = token.path("content").asText();
            String inModel = pieces.put(id, content);
            if (spelling != Spelling.META_SPACE || !content.equals(inModel)) {
                literals.add(id);
            }
            if (token.path("special").asBoolean()) {
                specials.add(id);
            }
        }
    }

    private int checked(JsonNode id) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= MAX_ID) {
            throw new IllegalArgumentException(files.file() + ": an id must be in [0, " + MAX_ID + "), was " + id);
        }
        return id.intValue();
    }

    private void readSpecials() {
        Set<String> names = files.namedSpecials();
        names.add(unknownPiece());
        String end = files.endPiece().orElse("");
        pieces.forEach((id, piece) -> {
            if (names.contains(piece)) {
                specials.add(id);
            }
            if (piece.equals(end)) {
                ends.add(id);
            }
        });
        for (int id : files.endIds()) {
            if (!pieces.containsKey(id)) {
                throw new IllegalArgumentException(files.dir() + ": eos_token_id " + id + " of config.json or"
                        + " generation_config.json is no id of tokenizer.json, which ends at " + pieces.lastKey());
            }
            ends.add(id);
        }
    }

    private String unknownPiece() {
        JsonNode model = files.tokenizer().path("model");
        return model.has("unk_id")
                ? pieces.getOrDefault(model.path("unk_id").asInt(-1), "")
                : model.path("unk_token").asText("");
    }

    private Vocabulary build(LeadingSpace leadingSpace) {
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException(files.file() + " has no vocabulary");
        }
        int size = size();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int written = writtenEnd();
        int[] ends = new int[size];
        byte[] kinds = new byte[size];
        for (int id = 0; id < size; id++) {
            TokenKind kind = kind(id);
            kinds[id] = kind == TokenKind.END && id != written ? Vocabulary.FURTHER_END : kind.code();
            if (kind == TokenKind.TEXT) {
                bytes.writeBytes(bytes(id));
            }
            ends[id] = bytes.size();
        }
        return Vocabulary.of(bytes.toByteArray(), ends, kinds).withLeadingSpace(leadingSpace != LeadingSpace.NONE);
    }

    /** The tokenizer's own end of sequence, as transformers has it; without one the first that the model names. */
    private int writtenEnd() {
        String name = files.endPiece().orElse("");
        return ends.stream()
                .filter(id -> name.equals(pieces.get(id)))
                .findFirst()
                .orElseGet(() -> files.endIds().stream().findFirst().orElse(-1));
    }

    /** Special tokens at the end that the model has no rows for, as Gemma 3's token for images in its text models, are left out. */
    private int size() {
        int size = pieces.lastKey() + 1;
        int rows = files.model().path("vocab_size").asInt(size);
        int cut = size;
        while (cut > rows && kind(cut - 1) == TokenKind.CONTROL) {
            cut--;
        }
        return cut > rows ? size : cut;
    }

    private TokenKind kind(int id) {
        if (ends.contains(id)) {
            return TokenKind.END;
        }
        return specials.contains(id) || !pieces.containsKey(id) ? TokenKind.CONTROL : TokenKind.TEXT;
    }

    private byte[] bytes(int id) {
        String piece = pieces.getOrDefault(id, "");
        return literals.contains(id) ? Spelling.utf8(piece) : spelling.bytes(piece);
    }
}
