// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A learned byte-pair encoding, to be written in Hugging Face's files. */
public final class TrainedBpe {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final BpeStyle style;
    private final BpeTrainer.Split split;
    private final List<String> pieces;
    private final List<String> merges;

    TrainedBpe(BpeStyle style, BpeTrainer.Split split, List<String> pieces, List<String> merges) {
        this.style = style;
        this.split = split;
        this.pieces = pieces;
        this.merges = merges;
    }

    /** Number of ids; less than what was asked for if the text has no more pairs to merge. */
    public int size() {
        return pieces.size();
    }

    /** Id that ends a sequence. */
    public int endId() {
        return style.endId();
    }

    /** Pieces in order of id, as tokenizer.json spells them. */
    public List<String> pieces() {
        return pieces;
    }

    /** Writes tokenizer.json, tokenizer_config.json and special_tokens_map.json into {@code dir}, made if absent. */
    public void write(Path dir) {
        try {
            Files.createDirectories(dir);
            write(dir.resolve("tokenizer.json"), tokenizer());
            write(dir.resolve("tokenizer_config.json"), configuration());
            write(dir.resolve("special_tokens_map.json"), names());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a tokenizer into " + dir, e);
        }
    }

    private static void write(Path file, ObjectNode node) throws IOException {
        Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node));
    }

    private ObjectNode tokenizer() {
        ObjectNode root = NODES.objectNode().put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < style.specialPieces().size(); id++) {
            added.add(special(id));
        }
        boolean sentencePiece = style == BpeStyle.SENTENCE_PIECE;
        root.set("normalizer", sentencePiece ? prefixedMetaSpace() : NODES.nullNode());
        root.set("pre_tokenizer", sentencePiece ? NODES.nullNode() : preTokenizer());
        root.putNull("post_processor");
        root.set("decoder", sentencePiece ? byteFallbackDecoder() : byteLevel(true));
        root.set("model", model());
        return root;
    }

    private ObjectNode special(int id) {
        return NODES.objectNode()
                .put("id", id)
                .put("content", pieces.get(id))
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private ObjectNode preTokenizer() {
        return switch (split) {
            case GPT2 -> byteLevel(true);
            case LINES -> byteLevel(false);
            case WORDS -> {
                ObjectNode words = NODES.objectNode().put("type", "Split");
                words.putObject("pattern").put("Regex", BpeTrainer.SPACE_WORDS.pattern());
                words.put("behavior", "Isolated").put("invert", false);
                yield sequence("pretokenizers", words, byteLevel(false));
            }
        };
    }

    private static ObjectNode byteLevel(boolean regex) {
        return NODES.objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", regex);
    }

    private static ObjectNode prefixedMetaSpace() {
        return sequence(
                "normalizers",
                NODES.objectNode().put("type", "Prepend").put("prepend", BpeStyle.META_SPACE),
                replace(" ", BpeStyle.META_SPACE));
    }

    private static ObjectNode byteFallbackDecoder() {
        return sequence(
                "decoders",
                replace(BpeStyle.META_SPACE, " "),
                NODES.objectNode().put("type", "ByteFallback"),
                NODES.objectNode().put("type", "Fuse"),
                NODES.objectNode()
                        .put("type", "Strip")
                        .put("content", " ")
                        .put("start", 1)
                        .put("stop", 0));
    }

    private static ObjectNode replace(String from, String to) {
        ObjectNode node = NODES.objectNode().put("type", "Replace");
        node.putObject("pattern").put("String", from);
        return node.put("content", to);
    }

    private static ObjectNode sequence(String member, ObjectNode... parts) {
        ObjectNode node = NODES.objectNode().put("type", "Sequence");
        node.putArray(member).addAll(List.of(parts));
        return node;
    }

    private ObjectNode model() {
        boolean sentencePiece = style == BpeStyle.SENTENCE_PIECE;
        ObjectNode model = NODES.objectNode().put("type", "BPE");
        model.putNull("dropout");
        model.put("unk_token", sentencePiece ? pieces.get(0) : null);
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", sentencePiece);
        model.put("byte_fallback", sentencePiece);
        model.put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            vocabulary.put(pieces.get(id), id);
        }
        ArrayNode ranks = model.putArray("merges");
        merges.forEach(ranks::add);
        return model;
    }

    private ObjectNode names() {
        String end = pieces.get(style.endId());
        ObjectNode names = NODES.objectNode();
        names.put("bos_token", style == BpeStyle.SENTENCE_PIECE ? pieces.get(1) : end);
        names.put("eos_token", end);
        if (style == BpeStyle.SENTENCE_PIECE) {
            names.put("unk_token", pieces.get(0));
        }
        return names;
    }

    private ObjectNode configuration() {
        ObjectNode configuration = NODES.objectNode();
        configuration.put("tokenizer_class", "PreTrainedTokenizerFast");
        configuration.setAll(names());
        return configuration
                .put("add_bos_token", false)
                .put("add_eos_token", false)
                .put("clean_up_tokenization_spaces", false);
    }
}
