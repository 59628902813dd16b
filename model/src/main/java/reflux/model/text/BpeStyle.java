// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The two ways in which Hugging Face's tokenizers write bytes and spaces in the pieces of a BPE. */
enum BpeStyle {
    /** GPT-2: pieces are written in {@link ByteAlphabet}. */
    BYTE_LEVEL(0),
    /** Llama-2: a space is U+2581, a character without a piece becomes its bytes. */
    SENTENCE_PIECE(2);

    static final String META_SPACE = "\u2581";

    private final int endId;

    BpeStyle(int endId) {
        this.endId = endId;
    }

    List<String> specialPieces() {
        return this == BYTE_LEVEL ? List.of("<|endoftext|>") : List.of("<unk>", "<s>", "</s>");
    }

    int endId() {
        return endId;
    }

    int smallestVocabulary() {
        return specialPieces().size() + 256;
    }

    /** A text after the SentencePiece normalizer. */
    String prepared(String text) {
        return text.isEmpty() ? text : META_SPACE + text.replace(" ", META_SPACE);
    }

    /** Pieces that no merge may spell: they stand for something else than their characters. */
    List<String> reservedPieces() {
        List<String> reserved = new ArrayList<>(specialPieces());
        if (this == SENTENCE_PIECE) {
            for (int b = 0; b < 256; b++) {
                reserved.add("<0x%02X>".formatted(b));
            }
        }
        return reserved;
    }

    /** All pieces that need no merge, in order of id. */
    List<String> initialPieces(Map<String, Long> words, int vocabularySize) {
        List<String> pieces = new ArrayList<>(reservedPieces());
        if (this == BYTE_LEVEL) {
            for (int b = 0; b < 256; b++) {
                pieces.add(String.valueOf(ByteAlphabet.character(b)));
            }
        } else {
            pieces.addAll(characters(words, Math.min(vocabularySize - pieces.size(), vocabularySize / 2)));
        }
        return pieces;
    }

    private static List<String> characters(Map<String, Long> words, int limit) {
        Map<Integer, Long> counts = new HashMap<>();
        words.forEach((word, count) -> word.codePoints().forEach(c -> counts.merge(c, count, Long::sum)));
        return counts.entrySet().stream()
                .filter(e -> !isSurrogate(e.getKey()))
                .sorted(Map.Entry.<Integer, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .map(Map.Entry::getKey)
                .sorted()
                .map(Character::toString)
                .toList();
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
