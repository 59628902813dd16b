// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.Vocabulary;

/**
 * The teacher's LM head and vocabulary: with them hidden states are exact logits over the whole vocabulary. Host memory.
 *
 * @param fingerprint of the head at its teacher
 * @param type of the elements of {@code weights}
 * @param rows V, padding rows included
 * @param width D
 * @param weights [V, D] row-major, little-endian
 */
public record TeacherHead(
        String fingerprint, DataType type, int rows, int width, ByteBuffer weights, Vocabulary vocabulary) {
    static final String HEAD = "lm_head";
    static final String BYTES = "vocab.bytes";
    static final String ENDS = "vocab.ends";
    static final String KINDS = "vocab.kinds";

    public TeacherHead {
        if (vocabulary.size() > rows) {
            throw new IllegalArgumentException(
                    "the teacher's vocabulary has " + vocabulary.size() + " ids, its LM head only " + rows + " rows");
        }
        long expected = (long) rows * width * type.bytes();
        if (weights.remaining() != expected) {
            throw new IllegalArgumentException("the teacher's LM head [" + rows + ", " + width + "] of " + type
                    + " must have " + expected + " bytes, has " + weights.remaining());
        }
    }

    /** Reads the four tensors as the contract names them. */
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
                Vocabulary.of(bytes, ends, array(source.bytes(KINDS))));
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
