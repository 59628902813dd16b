// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The tokenizer of one model directory. Truncates nothing, takes the names of special tokens in a text for plain text, and adds
 * special tokens only before prompts that are text ({@link #encodePrompt}). Safe for use by several threads; {@link #close} frees native memory and must come last.
 */
public final class TextTokenizer implements AutoCloseable {
    private static final Map<String, String> WHOLE_TEXTS = Map.of("truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final Vocabulary vocabulary;
    private final Spelling spelling;
    private final LeadingSpace leadingSpace;
    private final Optional<Normalizer.Form> form;
    private final Optional<String> chatTemplate;
    private final ChatPrompts chats;
    private final int[] begin;

    private TextTokenizer(TokenizerFiles files) {
        this.spelling = Spelling.of(files.file(), files.tokenizer());
        this.leadingSpace = LeadingSpace.of(files.tokenizer(), spelling);
        this.form = spelling == Spelling.WORDS ? Optional.empty() : NormalizedText.form(files.tokenizer());
        this.chatTemplate = files.chatTemplate();
        this.vocabulary = VocabularyReader.read(files, spelling, leadingSpace);
        PlainSpecials specials = PlainSpecials.of(files.tokenizer());
        this.chats = ChatPrompts.of(files, specials.added());
        this.begin = BeginTokens.of(files.tokenizer());
        this.tokenizer = nativeTokenizer(files.file(), specials);
    }

    /**
     * Loads {@code tokenizer.json} and what stands beside it. Throws {@code IllegalArgumentException} naming the file for what
     * cannot be used.
     */
    public static TextTokenizer load(Path modelDir) {
        return new TextTokenizer(TokenizerFiles.read(modelDir));
    }

    private static HuggingFaceTokenizer nativeTokenizer(Path file, PlainSpecials specials) {
        try {
            byte[] json = new ObjectMapper().writeValueAsBytes(specials.tokenizer());
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), WHOLE_TEXTS);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load " + file, e);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Token ids of a text; unpaired surrogates count as U+FFFD. */
    public int[] encode(String text) {
        return idsOf(encoding(withoutLoneSurrogates(text)));
    }

    /**
     * Tokens of a text given in UTF-8, with their exact spans in those bytes: a space that the tokenizer puts before the text
     * is not counted, normalized characters are traced back, and U+2581 is found where the tokenizer reads it as a space. Invalid UTF-8 is read as U+FFFD, which spells other bytes.
     */
    public TokenizedBytes tokenize(byte[] utf8) {
        String text = new String(utf8, StandardCharsets.UTF_8);
        Encoding encoding = encoding(text);
        int[] ids = idsOf(encoding);
        NormalizedText normalized =
                form.map(f -> NormalizedText.of(text, f, decode(ids))).orElseGet(() -> NormalizedText.unchanged(text));
        int difference = Arrays.mismatch(utf8, text.getBytes(StandardCharsets.UTF_8));
        Spans spans = new Spans(
                vocabulary, normalized, difference < 0 ? utf8.length : difference, spelling == Spelling.META_SPACE);
        return spelling == Spelling.WORDS
                ? spans.ofWords(ids, characterSpans(encoding))
                : spans.ofPieces(ids, leadingSpace.isBefore(normalized.text()));
    }

    /** The text that these tokens spell on their own, with U+FFFD for invalid UTF-8; special tokens are left out. */
    public String decode(int[] ids) {
        return new String(vocabulary.spellResponse(ids), StandardCharsets.UTF_8);
    }

    /**
     * Token ids of a prompt. Text is taken as it stands, after the begin tokens that tokenizer.json's post-processor puts before
     * each text; ids are checked against the vocabulary; messages are rendered by the model's chat template, up to where the
     * assistant begins, and without one only a single user message can be: its content as text. Special tokens of the template
     * are special, their names in messages stay text, and nothing is added: begin tokens are there if the template writes
     * them. Throws {@code IllegalArgumentException}.
     */
    public int[] encodePrompt(PromptText prompt) {
        if (prompt instanceof PromptText.Text plain) {
            return afterBegin(encode(plain.text()));
        }
        if (prompt instanceof PromptText.Messages conversation) {
            int[] ids = encode(chats.text(conversation.messages()));
            return chatTemplate.isPresent() ? ids : afterBegin(ids);
        }
        return checked(((PromptText.Ids) prompt).ids());
    }

    /** SHA-256, in hex, of the chat template's UTF-8 text; empty if there is none. */
    public String chatTemplateFingerprint() {
        return chatTemplate
                .map(text ->
                        HexFormat.of().formatHex(Vocabulary.sha256().digest(text.getBytes(StandardCharsets.UTF_8))))
                .orElse("");
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private int[] afterBegin(int[] ids) {
        return IntStream.concat(IntStream.of(begin), IntStream.of(ids)).toArray();
    }

    private int[] checked(TokenIds ids) {
        int[] values = ids.toArray();
        for (int id : values) {
            if (id < 0 || id >= vocabulary.size()) {
                throw new IllegalArgumentException(
                        "a prompt's token id must be in [0, " + vocabulary.size() + "), was " + id);
            }
        }
        return values;
    }

    private Encoding encoding(String text) {
        try {
            return tokenizer.encode(text, false, false);
        } finally {
            Reference.reachabilityFence(tokenizer); // its finalizer frees what the native call uses
        }
    }

    private static int[] idsOf(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    }

    /** Start and end of each token in code points. */
    private static int[][] characterSpans(Encoding encoding) {
        return Arrays.stream(encoding.getCharTokenSpans())
                .map((CharSpan span) -> new int[] {span.getStart(), span.getEnd()})
                .toArray(int[][]::new);
    }

    private static String withoutLoneSurrogates(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
