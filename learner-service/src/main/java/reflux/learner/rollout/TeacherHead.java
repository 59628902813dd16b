// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import reflux.model.engine.DataType;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.Vocabulary;

/**
 * The teacher's LM head and vocabulary: with them hidden states are exact logits over the whole vocabulary.
 *
 * @param fingerprint of the head at its teacher; empty where there is no teacher
 * @param type of the elements of {@code weights}
 * @param rows V, padding rows included
 * @param width D
 * @param weights [V, D] row-major, little-endian
 * @param embeddings the table of the input embeddings [V, D] in the same type, where it was asked for
 */
public record TeacherHead(
        String fingerprint,
        DataType type,
        int rows,
        int width,
        Table weights,
        Vocabulary vocabulary,
        Optional<Table> embeddings) {
    /**
     * A table [V, D], wherever it lies: a file's takes no memory here.
     *
     * @param reader fills a buffer of that many bytes
     */
    public record Table(long bytes, Consumer<ByteBuffer> reader) {
        /** In the memory of a buffer. */
        static Table of(ByteBuffer bytes) {
            return new Table(bytes.remaining(), to -> to.put(bytes.duplicate()));
        }
    }

    static final String HEAD = "lm_head";
    static final String EMBEDDINGS = "embeddings";
    static final String BYTES = "vocab.bytes";
    static final String ENDS = "vocab.ends";
    static final String KINDS = "vocab.kinds";

    public TeacherHead {
        if (vocabulary.size() > rows && !fingerprint.isEmpty()) {
            throw new IllegalArgumentException(
                    "the teacher's vocabulary has " + vocabulary.size() + " ids, its LM head only " + rows + " rows");
        }
        require("LM head", weights, (long) rows * width * type.bytes());
        embeddings.ifPresent(table -> require("embeddings", table, (long) rows * width * type.bytes()));
    }

    /** With tables in memory. */
    public TeacherHead(
            String fingerprint,
            DataType type,
            int rows,
            int width,
            ByteBuffer weights,
            Vocabulary vocabulary,
            Optional<ByteBuffer> embeddings) {
        this(fingerprint, type, rows, width, Table.of(weights), vocabulary, embeddings.map(Table::of));
    }

    /** Where there is no teacher: an empty head over the student's own vocabulary. */
    public static TeacherHead none(Vocabulary student) {
        return new TeacherHead("", DataType.F32, 0, 0, ByteBuffer.allocate(0), student, Optional.empty());
    }

    private static void require(String what, Table table, long expected) {
        if (table.bytes() != expected) {
            throw new IllegalArgumentException(
                    "the teacher's " + what + " must have " + expected + " bytes, has " + table.bytes());
        }
    }

    /** Takes the tensors as the contract names them; the source stays open as long as the tables are read. */
    static TeacherHead of(String fingerprint, TensorSource source) {
        return of(fingerprint, source, name -> new Table(source.info(name).bytes(), to -> source.read(name, 0, to)));
    }

    /** The same of a file, which is opened again for each table. */
    static TeacherHead of(String fingerprint, Path file) {
        try (TensorSource source = SafetensorsFile.open(file)) {
            return of(
                    fingerprint,
                    source,
                    name -> new Table(source.info(name).bytes(), to -> {
                        try (TensorSource again = SafetensorsFile.open(file)) {
                            again.read(name, 0, to);
                        }
                    }));
        }
    }

    private static TeacherHead of(String fingerprint, TensorSource source, Function<String, Table> tables) {
        List<Long> shape = source.info(HEAD).shape();
        byte[] bytes = array(source.bytes(BYTES));
        int[] ends = new int[Math.toIntExact(source.info(ENDS).count())];
        source.bytes(ENDS).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ends);
        return new TeacherHead(
                fingerprint,
                source.info(HEAD).type(),
                Math.toIntExact(shape.get(0)),
                Math.toIntExact(shape.get(1)),
                tables.apply(HEAD),
                Vocabulary.of(bytes, ends, array(source.bytes(KINDS))),
                source.has(EMBEDDINGS) ? Optional.of(tables.apply(EMBEDDINGS)) : Optional.empty());
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
