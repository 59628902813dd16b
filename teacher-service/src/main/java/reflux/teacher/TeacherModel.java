// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.v1.Fingerprints;
import reflux.v1.ModelCard;

/** The loaded model with its tokenizer, its engine thread and its card. Safe from all threads; native work is queued. */
final class TeacherModel implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TeacherModel.class);
    private static final int ENGINE_QUEUE = 1024;
    private static final int DIGEST_ELEMENTS = 1 << 22;

    private final EngineThread engine;
    private final Decoder decoder;
    private final Script script;
    private final TextTokenizer tokenizer;
    private final ModelCard card;

    private TeacherModel(EngineThread engine, Decoder decoder, Script script, TextTokenizer tokenizer, ModelCard card) {
        this.engine = engine;
        this.decoder = decoder;
        this.script = script;
        this.tokenizer = tokenizer;
        this.card = card;
    }

    /** Blocks while it reads the model. Throws with a message that names file, field and value. */
    static TeacherModel load(TeacherConfig config) {
        long start = System.nanoTime();
        ModelDirectory directory = ModelDirectory.open(config.model());
        TextTokenizer tokenizer = directory.openTokenizer();
        EngineThread engine = null;
        try {
            requireVocabularyFits(directory, tokenizer);
            EngineThread started = EngineThread.start(
                    new EngineSettings("reflux-teacher", config.threads(), ENGINE_QUEUE, config.device()));
            engine = started;
            TeacherModel model = started.call(open -> open(open, started, directory, tokenizer, config));
            log.info(
                    "loaded model={} family={} parameters={} millis={}",
                    model.card.getName(),
                    model.card.getFamily(),
                    model.card.getParameters(),
                    (System.nanoTime() - start) / 1_000_000);
            return model;
        } catch (RuntimeException | Error e) {
            if (engine != null) {
                engine.close();
            }
            tokenizer.close();
            throw e;
        }
    }

    EngineThread engine() {
        return engine;
    }

    Decoder decoder() {
        return decoder;
    }

    Script script() {
        return script;
    }

    TextTokenizer tokenizer() {
        return tokenizer;
    }

    ModelCard card() {
        return card;
    }

    /** Elements of the LM head from one on, row-major in [V, D], little-endian in the type asked for; a copy on the heap. */
    CompletableFuture<ByteBuffer> head(long from, int count, DataType type) {
        return part(Decoder::head, from, count, type);
    }

    /** The same of the input embeddings [V, D]. */
    CompletableFuture<ByteBuffer> embeddings(long from, int count, DataType type) {
        return part(Decoder::embeddings, from, count, type);
    }

    private CompletableFuture<ByteBuffer> part(Function<Decoder, Tensor> table, long from, int count, DataType type) {
        return engine.submit(open -> {
            try (Scope scope = open.scope().child()) {
                Tensor elements = elements(open, scope, script, table.apply(decoder), from, count, type);
                ByteBuffer copy = ByteBuffer.allocate(count * type.bytes());
                return copy.put(elements.bytes()).flip();
            }
        });
    }

    /** Blocks until the engine thread is done. */
    @Override
    public void close() {
        engine.call(open -> {
            script.close();
            decoder.close();
            return true;
        });
        engine.close();
        tokenizer.close();
    }

    private static TeacherModel open(
            Engine open, EngineThread engine, ModelDirectory directory, TextTokenizer tokenizer, TeacherConfig config) {
        DataType type = DataType.valueOf(config.dtype().toUpperCase(Locale.ROOT));
        Decoder decoder = Decoder.load(open, directory, type);
        Script script = Script.load(open, TeacherModel.class, "score.py");
        Fingerprints fingerprints = Fingerprints.newBuilder()
                .setTokenizer(tokenizer.vocabulary().fingerprint())
                .setLmHead(headFingerprint(open, script, decoder.head()))
                .setChatTemplate(tokenizer.chatTemplateFingerprint())
                .build();
        ModelCard card = card(directory, decoder, tokenizer, fingerprints);
        return new TeacherModel(engine, decoder, script, tokenizer, card);
    }

    private static ModelCard card(
            ModelDirectory directory, Decoder decoder, TextTokenizer tokenizer, Fingerprints fingerprints) {
        DecoderConfig config = decoder.config();
        long parameters = decoder.weights().infos().stream()
                .mapToLong(info -> info.count())
                .sum();
        return ModelCard.newBuilder()
                .setName(directory.name())
                .setFamily(config.family())
                .setHiddenSize(config.hiddenSize())
                .setVocabularySize(tokenizer.vocabulary().size())
                .setPaddedVocabularySize(config.vocabularySize())
                .setLayers(config.layers())
                .setContextLength(config.contextLength())
                .setParameters(parameters)
                .setComputeType(WireTypes.toWire(decoder.type()))
                .setFingerprints(fingerprints)
                .addAllEosIds(tokenizer.vocabulary().endIds())
                .build();
    }

    private static void requireVocabularyFits(ModelDirectory directory, TextTokenizer tokenizer) {
        int ids = tokenizer.vocabulary().size();
        int rows = directory.config().vocabularySize();
        if (ids > rows) {
            throw new IllegalArgumentException(directory.path() + ": the tokenizer has " + ids
                    + " ids, but config.json's vocab_size is " + rows + "; they belong to different models");
        }
    }

    /** SHA-256 of "{type} {V} {D}\n" in UTF-8 and the bytes, row-major and little-endian. */
    private static String headFingerprint(Engine open, Script script, Tensor head_VD) {
        MessageDigest digest = sha256();
        String title = head_VD.type() + " " + head_VD.size(0) + " " + head_VD.size(1) + "\n";
        digest.update(title.getBytes(StandardCharsets.UTF_8));
        long count = head_VD.count();
        for (long from = 0; from < count; from += DIGEST_ELEMENTS) {
            try (Scope scope = open.scope().child()) {
                int part = (int) Math.min(DIGEST_ELEMENTS, count - from);
                digest.update(elements(open, scope, script, head_VD, from, part, head_VD.type())
                        .bytes());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Tensor elements(
            Engine open, Scope out, Script script, Tensor x, long from, int count, DataType type) {
        Tensor elements = script.call(out, "elements", x, from, count);
        return elements.type() == type ? elements : open.convert(out, elements, type);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
