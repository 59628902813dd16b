// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import reflux.v1.TensorFrame;

/**
 * Cuts tensors into frames, one at a time, so that the writer sets the pace. Frames lie over the buffers and copy nothing; the
 * buffers must stay as they are for as long as there are frames of them, which on its way out is until it was sent. Not
 * thread-safe.
 *
 * <p>Offsets in frames count within their tensor. Tensors follow one another in the order of their announcement, each from
 * its first to its last byte; an empty tensor has no frame.
 */
public final class TensorFrames implements Iterator<TensorFrame> {
    /** Bytes of each frame but a tensor's last. */
    public static final int FRAME_BYTES = 256 << 10;

    private final String id;
    private final List<ByteBuffer> tensors;
    private final @Nullable PieceSums sums;
    private int tensor;
    private int offset;

    private TensorFrames(String id, List<ByteBuffer> tensors, @Nullable PieceSums sums) {
        this.id = id;
        this.tensors = tensors.stream().map(ByteBuffer::slice).toList();
        this.sums = sums;
        skipFinished();
    }

    /** Frames of the tensors of one item, buffers from position to limit. The id is empty where the stream carries one thing. */
    public static TensorFrames cut(String id, List<ByteBuffer> tensors) {
        return new TensorFrames(id, tensors, null);
    }

    /**
     * The same from a byte of the run on, where the run is all tensors one after another; for a transfer that resumes.
     *
     * @param sums of these tensors, so that they are not taken anew for each receiver
     * @throws IllegalArgumentException if from is not in [0, bytes of the run]
     */
    public static TensorFrames cutFrom(String id, List<ByteBuffer> tensors, PieceSums sums, long from) {
        TensorFrames frames = new TensorFrames(id, tensors, sums);
        long left = from;
        while (left > 0 && frames.hasNext()) {
            int step = (int) Math.min(left, frames.tensors.get(frames.tensor).limit() - frames.offset);
            frames.offset += step;
            left -= step;
            frames.skipFinished();
        }
        if (left != 0) {
            throw new IllegalArgumentException("resume offset must be within the run, was " + from);
        }
        return frames;
    }

    /** CRC-32C of the bytes from position to limit. */
    public static int crc32c(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    @Override
    public boolean hasNext() {
        return tensor < tensors.size();
    }

    @Override
    public TensorFrame next() {
        if (!hasNext()) {
            throw new NoSuchElementException("all frames were taken");
        }
        ByteBuffer bytes = tensors.get(tensor);
        int length = Math.min(FRAME_BYTES, bytes.limit() - offset);
        ByteBuffer part = bytes.slice(offset, length);
        TensorFrame frame = TensorFrame.newBuilder()
                .setId(id)
                .setTensor(tensor)
                .setOffset(offset)
                .setCrc32C(sum(part))
                .setData(UnsafeByteOperations.unsafeWrap(part))
                .build();
        offset += length;
        skipFinished();
        return frame;
    }

    private int sum(ByteBuffer part) {
        return sums == null || offset % FRAME_BYTES != 0 ? crc32c(part) : sums.get(tensor, offset);
    }

    private void skipFinished() {
        while (tensor < tensors.size() && offset == tensors.get(tensor).limit()) {
            tensor++;
            offset = 0;
        }
    }
}
