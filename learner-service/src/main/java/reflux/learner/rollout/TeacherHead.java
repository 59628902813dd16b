// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.Vocabulary;

/**
 * The teacher's LM head and vocabulary: with them hidden states are exact logits over the whole vocabulary. Host memory.
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
        ByteBuffer weights,
        Vocabulary vocabulary,
        Optional<ByteBuffer> embeddings) {
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

    /** Where there is no teacher: an empty head over the student's own vocabulary. */
    public static TeacherHead none(Vocabulary student) {
        return new TeacherHead("", DataType.F32, 0, 0, ByteBuffer.allocate(0), student, Optional.empty());
    }

    private static void require(String what, ByteBuffer table, long expected) {
        if (table.remaining() != expected) {
            throw new IllegalArgumentException(
                    "the teacher's " + what + " must have " + expected + " bytes, has " + table.remaining());
        }
    }

    /** Reads the tensors as the contract names them. */
    static TeacherHead read(String fingerprint, TensorSource source) {
        List<Long> shape = source.info(HEAD).shape();
        byte[] bytes = array(source.bytes(BYTES));
        int[] ends = new int[Math.toIntExact(source.info(ENDS).count())];
        source.bytes(ENDS).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ends);
        return new TeacherHead(
                fingerprint,
                source.info(HEAD).type(),
                Math.toIntExact(shape.get(0)),
                Math.toIntExact(shape.get(1)),
                source.bytes(HEAD),
                Vocabulary.of(bytes, ends, array(source.bytes(KINDS))),
                source.has(EMBEDDINGS) ? Optional.of(source.bytes(EMBEDDINGS)) : Optional.empty());
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
