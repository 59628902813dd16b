// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns a byte-pair encoding from lines of text. Deterministic: the same lines, in whatever order, give the same files; of
 * pairs that are equally frequent the one with the smaller ids is merged first. Immutable; {@link #withSplit} gives a changed
 * copy.
 */
public final class BpeTrainer {
    /** Where merges stop. */
    public enum Split {
        /** At the borders of GPT-2's regular expression: letters, digits and signs never merge. */
        GPT2,
        /** Before each space: a token has at most one space, its first character. */
        WORDS,
        /** Nowhere: tokens may hold several words. */
        LINES
    }

    static final Pattern GPT2_WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);
    static final Pattern SPACE_WORDS = Pattern.compile(" ?[^ ]+| ");
    private static final char META_SPACE = '\u2581';
    private static final Pattern META_WORDS = Pattern.compile("\u2581?[^\u2581]+|\u2581");

    private final BpeStyle style;
    private final int vocabularySize;
    private final Split split;
    private final int phrases;

    private BpeTrainer(BpeStyle style, int vocabularySize, Split split, int phrases) {
        if (vocabularySize < style.smallestVocabulary()) {
            throw new IllegalArgumentException("vocabularySize must be >= " + style.smallestVocabulary() + " for "
                    + style + ", was " + vocabularySize);
        }
        if (style == BpeStyle.SENTENCE_PIECE && split == Split.GPT2) {
            throw new IllegalArgumentException("the SentencePiece style splits at WORDS or LINES");
        }
        this.style = style;
        this.vocabularySize = vocabularySize;
        if (phrases < 0 || (phrases > 0 && split != Split.LINES)) {
            throw new IllegalArgumentException("phrases must be >= 0, and 0 unless the split is LINES, was " + phrases);
        }
        this.split = requireNonNull(split, "split is null");
        this.phrases = phrases;
    }

    /** GPT-2 style: {@code <|endoftext|>} has id 0, then all 256 bytes, then merges. Splits as GPT-2. */
    public static BpeTrainer byteLevel(int vocabularySize) {
        return new BpeTrainer(BpeStyle.BYTE_LEVEL, vocabularySize, Split.GPT2, 0);
    }

    /**
     * Llama-2 style: unk, s and /s (in angle brackets) are ids 0, 1 and 2, then 256 byte tokens, characters, merges. A space
     * is put before each text. Characters that would take more than half of the vocabulary are left to the bytes, rarest
     * first. Splits at words.
     */
    public static BpeTrainer sentencePiece(int vocabularySize) {
        return new BpeTrainer(BpeStyle.SENTENCE_PIECE, vocabularySize, Split.WORDS, 0);
    }

    /** The SentencePiece style refuses {@link Split#GPT2}. */
    public BpeTrainer withSplit(Split other) {
        return new BpeTrainer(style, vocabularySize, other, 0);
    }

    /** Words first, then {@code pieces} pieces that may join the words of a line. */
    public BpeTrainer withPhrases(int pieces) {
        return new BpeTrainer(style, vocabularySize, Split.LINES, pieces);
    }

    /** Learns from lines; a line that occurs twice counts twice. */
    public TrainedBpe train(Iterable<String> lines) {
        Map<String, Long> words = new TreeMap<>();
        for (String line : lines) {
            count(line, 1, words);
        }
        return learn(words);
    }

    /** Learns from lines with their counts. */
    public TrainedBpe train(Map<String, Long> lineCounts) {
        Map<String, Long> words = new TreeMap<>();
        lineCounts.forEach((line, count) -> count(line, count, words));
        return learn(words);
    }

    private void count(String line, long times, Map<String, Long> words) {
        String text = style == BpeStyle.SENTENCE_PIECE ? style.prepared(line) : line;
        if (split == Split.LINES) {
            words.merge(symbols(text), times, Long::sum);
            return;
        }
        Matcher matcher = pattern().matcher(text);
        while (matcher.find()) {
            words.merge(symbols(matcher.group()), times, Long::sum);
        }
    }

    private Pattern pattern() {
        if (style == BpeStyle.SENTENCE_PIECE) {
            return META_WORDS;
        }
        return split == Split.GPT2 ? GPT2_WORDS : SPACE_WORDS;
    }

    private String symbols(String word) {
        return style == BpeStyle.BYTE_LEVEL ? ByteAlphabet.spell(word.getBytes(StandardCharsets.UTF_8)) : word;
    }

    private TrainedBpe learn(Map<String, Long> words) {
        MergeLearner learner = new MergeLearner(style.initialPieces(words, vocabularySize), style.reservedPieces());
        words.forEach(learner::add);
        if (phrases > 0) {
            String space = symbols(" ").replace(' ', META_SPACE);
            learner.learn(vocabularySize - phrases, second -> !second.startsWith(space));
        }
        learner.learn(vocabularySize);
        return new TrainedBpe(style, split, learner.pieces(), learner.merges());
    }
}
