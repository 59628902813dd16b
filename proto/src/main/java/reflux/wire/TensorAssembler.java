// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import reflux.v1.TensorFrame;
import reflux.v1.TensorHeader;

/**
 * Puts the frames of one item together again. Announcements are checked when it is made, memory for a tensor is taken when
 * its first frame arrives, and every frame must continue where the one before it ended. Not thread-safe.
 */
public final class TensorAssembler {
    private final List<TensorHeader> headers;
    private final IntFunction<ByteBuffer> allocator;
    private final @Nullable ByteBuffer[] tensors;
    private final PieceSums sums;
    private final long total;
    private int tensor;
    private int offset;
    private long received;

    private TensorAssembler(List<TensorHeader> headers, long total, IntFunction<ByteBuffer> allocator) {
        this.headers = headers;
        this.total = total;
        this.allocator = allocator;
        this.tensors = new ByteBuffer[headers.size()];
        this.sums = new PieceSums(headers.size());
        skipFinished();
    }

    /**
     * Expects the announced tensors in heap memory.
     *
     * @param maxBytes most bytes of all tensors together
     * @throws IllegalArgumentException if shape, type and bytes of an announcement disagree
     * @throws CapacityException if the tensors have more than maxBytes, or one has 2 GiB or more
     */
    public static TensorAssembler of(List<TensorHeader> announced, long maxBytes) {
        return of(announced, maxBytes, ByteBuffer::allocate);
    }

    /** The same with memory from the allocator, which is given the bytes of a tensor and returns a buffer with that limit. */
    public static TensorAssembler of(List<TensorHeader> announced, long maxBytes, IntFunction<ByteBuffer> allocator) {
        long total = 0;
        for (TensorHeader header : announced) {
            long bytes = TensorHeaders.check(header).getBytes();
            if (bytes > maxBytes - total || bytes > Integer.MAX_VALUE - 8) {
                throw new CapacityException("tensor " + header.getName() + " of " + bytes + " bytes, after " + total
                        + " bytes, is over the limit of " + maxBytes);
            }
            total += bytes;
        }
        return new TensorAssembler(List.copyOf(announced), total, allocator);
    }

    /**
     * Takes the next frame; the caller has looked up the item by the frame's id.
     *
     * @throws CorruptFrameException if it does not continue where the last one ended, is empty, too long, or its CRC is wrong;
     *     nothing is changed then
     */
    public void accept(TensorFrame frame) {
        if (isComplete()) {
            throw corrupt(frame, "comes after the last byte");
        }
        int length = frame.getData().size();
        if (frame.getTensor() != tensor || frame.getOffset() != offset) {
            throw corrupt(frame, "must be tensor " + tensor + " offset " + offset);
        }
        if (length == 0 || length > TensorFrames.FRAME_BYTES || length > size(tensor) - offset) {
            throw corrupt(
                    frame,
                    "has " + length + " bytes where " + (size(tensor) - offset) + " are missing, at most "
                            + TensorFrames.FRAME_BYTES + " a frame");
        }
        ByteBuffer memory = memory(tensor);
        frame.getData().copyTo(memory.slice(offset, length));
        int crc = TensorFrames.crc32c(memory.slice(offset, length));
        if (crc != frame.getCrc32C()) {
            throw corrupt(
                    frame,
                    "has CRC-32C " + Integer.toHexString(crc) + ", announced "
                            + Integer.toHexString(frame.getCrc32C()));
        }
        keepSum(memory, length, crc);
        offset += length;
        received += length;
        skipFinished();
    }

    private void keepSum(ByteBuffer memory, int length, int crc) {
        boolean isPiece = offset % TensorFrames.FRAME_BYTES == 0
                && (length == TensorFrames.FRAME_BYTES || offset + length == memory.limit());
        if (isPiece) {
            sums.put(tensor, memory.limit(), offset, crc);
        } else {
            sums.add(tensor, memory, offset, offset + length);
        }
    }

    /** Whether all bytes of all tensors are here. */
    public boolean isComplete() {
        return tensor == headers.size();
    }

    /** Bytes that are here, counted over all tensors one after another: where a transfer resumes. */
    public long received() {
        return received;
    }

    /** Bytes of all tensors. */
    public long total() {
        return total;
    }

    /** The {@link WeightsDigest} of what is in memory, once all bytes are here: their sums were taken when they came. */
    public byte[] digest() {
        if (!isComplete()) {
            throw new IllegalStateException("only " + received + " of " + total + " bytes are here");
        }
        return WeightsDigest.of(sums);
    }

    /** What was announced, in order. */
    public List<TensorHeader> headers() {
        return headers;
    }

    /** The tensor's bytes, little-endian, position 0; complete once later frames or {@link #isComplete} say so. */
    public ByteBuffer tensor(int index) {
        return memory(index).duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The bytes of the tensor of this name; NoSuchElementException if it was not announced. */
    public ByteBuffer tensor(String name) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.get(i).getName().equals(name)) {
                return tensor(i);
            }
        }
        throw new NoSuchElementException("no tensor " + name + " was announced, only "
                + headers.stream().map(TensorHeader::getName).toList());
    }

    private ByteBuffer memory(int index) {
        ByteBuffer memory = tensors[index];
        if (memory == null) {
            memory = allocator.apply(size(index)).slice();
            tensors[index] = memory;
        }
        return memory;
    }

    private int size(int index) {
        return (int) headers.get(index).getBytes();
    }

    private void skipFinished() {
        while (tensor < headers.size() && offset == size(tensor)) {
            tensor++;
            offset = 0;
        }
    }

    private static CorruptFrameException corrupt(TensorFrame frame, String fact) {
        return new CorruptFrameException("frame of item '" + frame.getId() + "' tensor "
                + Integer.toUnsignedString(frame.getTensor()) + " offset " + Long.toUnsignedString(frame.getOffset())
                + " "
                + fact);
    }
}
