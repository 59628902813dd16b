// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.v1.DataType;
import reflux.v1.TensorFrame;
import reflux.v1.TensorHeader;

class TensorCodecTest {
    private static final int FRAME = TensorFrames.FRAME_BYTES;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 17})
    void tensorOfAnySize_survivesTheWire(int bytes) throws Exception {
        ByteBuffer first = random(bytes, 1);
        ByteBuffer second = random(100, 2);
        TensorAssembler assembler =
                TensorAssembler.of(List.of(u8("first", bytes), u8("second", 100), u8("empty", 0)), 1 << 20);

        for (TensorFrame frame : all(TensorFrames.cut("id", List.of(first, second, ByteBuffer.allocate(0))))) {
            assertThat(frame.getSerializedSize()).isLessThan(1 << 20);
            assembler.accept(TensorFrame.parseFrom(frame.toByteArray()));
        }

        assertThat(assembler.isComplete()).isTrue();
        assertThat(assembler.received()).isEqualTo(bytes + 100L).isEqualTo(assembler.total());
        assertThat(assembler.tensor("first")).isEqualTo(first);
        assertThat(assembler.tensor(1)).isEqualTo(second);
        assertThat(assembler.tensor("empty").remaining()).isZero();
    }

    @Test
    void floats_areLittleEndian() {
        ByteBuffer values = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        values.putFloat(1.5f).putFloat(-2).flip();
        TensorAssembler assembler = TensorAssembler.of(List.of(TensorHeaders.of("x", DataType.DATA_TYPE_F32, 2)), 8);

        all(TensorFrames.cut("", List.of(values))).forEach(assembler::accept);

        assertThat(assembler.tensor("x").getFloat()).isEqualTo(1.5f);
        assertThat(assembler.tensor("x").getFloat(4)).isEqualTo(-2f);
    }

    @Test
    void brokenTransfer_resumesFromTheBytesThatAreThere() {
        List<ByteBuffer> tensors = List.of(random(FRAME + 5, 3), random(2 * FRAME, 4));
        TensorAssembler assembler = TensorAssembler.of(List.of(u8("a", FRAME + 5), u8("b", 2 * FRAME)), 4L * FRAME);
        all(TensorFrames.cut("", tensors)).subList(0, 3).forEach(assembler::accept);

        all(TensorFrames.cutFrom("", tensors, PieceSums.of(tensors), assembler.received()))
                .forEach(assembler::accept);

        assertThat(assembler.isComplete()).isTrue();
        assertThat(assembler.tensor(0)).isEqualTo(tensors.get(0));
        assertThat(assembler.tensor(1)).isEqualTo(tensors.get(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 11})
    void resumeOutsideTheRun_isRefused(long from) {
        assertThatThrownBy(() ->
                        TensorFrames.cutFrom("", List.of(random(10, 1)), PieceSums.of(List.of(random(10, 1))), from))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void frames_areCutOneAtATime() {
        ByteBuffer tensor = ByteBuffer.allocate(2 * FRAME);
        TensorFrames frames = TensorFrames.cut("", List.of(tensor));
        frames.next();

        tensor.put(2 * FRAME - 1, (byte) 7);

        assertThat(frames.next().getData().byteAt(FRAME - 1)).isEqualTo((byte) 7);
        assertThat(frames.hasNext()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {FRAME, FRAME - 1, 100_001, 7})
    void digest_isThatOfTheBytes_whateverTheFrames(int frameBytes) {
        List<ByteBuffer> tensors =
                List.of(random(2 * FRAME + 21, 8), random(FRAME, 9), ByteBuffer.allocate(0), random(3, 10));
        TensorAssembler assembler = TensorAssembler.of(
                List.of(u8("a", 2 * FRAME + 21), u8("b", FRAME), u8("c", 0), u8("d", 3)), 4L * FRAME);

        for (int i = 0; i < tensors.size(); i++) {
            ByteBuffer bytes = tensors.get(i);
            for (int at = 0; at < bytes.limit(); at += frameBytes) {
                assertThatThrownBy(assembler::digest).isInstanceOf(IllegalStateException.class);
                byte[] data = new byte[Math.min(frameBytes, bytes.limit() - at)];
                bytes.get(at, data);
                assembler.accept(frame(i, at, data).build());
            }
        }

        assertThat(assembler.digest()).isEqualTo(WeightsDigest.of(tensors));
    }

    @Test
    void knownSums_areThoseOfTheFrames() {
        List<ByteBuffer> tensors = List.of(random(2 * FRAME + 21, 8), random(FRAME, 9));
        for (long from : new long[] {0, FRAME, 5, 2 * FRAME + 20}) {
            for (TensorFrame frame : all(TensorFrames.cutFrom("", tensors, PieceSums.of(tensors), from))) {
                assertThat(frame.getCrc32C())
                        .isEqualTo(TensorFrames.crc32c(frame.getData().asReadOnlyByteBuffer()));
            }
        }
    }

    @Test
    void wrongCrc_isRefusedAndNothingChanges() {
        TensorAssembler assembler = TensorAssembler.of(List.of(u8("a", 4)), 4);
        TensorFrame good = all(TensorFrames.cut("id", List.of(random(4, 5)))).get(0);

        refused(assembler, good.toBuilder().setCrc32C(good.getCrc32C() + 1), "CRC-32C");

        assembler.accept(good);
        assertThat(assembler.isComplete()).isTrue();
    }

    @Test
    void gapOverlapAndStrangeTensor_areRefused() {
        List<TensorFrame> frames = all(TensorFrames.cut("id", List.of(random(3 * FRAME, 6))));
        TensorAssembler assembler = TensorAssembler.of(List.of(u8("a", 3 * FRAME)), 3L * FRAME);
        assembler.accept(frames.get(0));

        refused(assembler, frames.get(2).toBuilder(), "must be tensor 0 offset " + FRAME);
        refused(assembler, frames.get(0).toBuilder(), "must be tensor 0 offset " + FRAME);
        refused(assembler, frames.get(1).toBuilder().setTensor(1), "tensor 1");
        refused(assembler, frames.get(1).toBuilder().setTensor(-1), "tensor 4294967295");
        refused(assembler, frames.get(1).toBuilder().setOffset(-1), "offset 18446744073709551615");
    }

    @Test
    void overlongEmptyAndSurplusFrames_areRefused() {
        TensorAssembler assembler = TensorAssembler.of(List.of(u8("a", 8), u8("b", FRAME + 1)), 2L * FRAME);

        refused(assembler, frame(0, 0, new byte[9]), "9 bytes where 8 are missing");
        refused(assembler, frame(0, 0, new byte[0]), "0 bytes");
        assembler.accept(frame(0, 0, new byte[8]).build());
        refused(assembler, frame(1, 0, new byte[FRAME + 1]), "at most " + FRAME);
        assembler.accept(frame(1, 0, new byte[FRAME]).build());
        assembler.accept(frame(1, FRAME, new byte[1]).build());
        refused(assembler, frame(1, FRAME + 1, new byte[1]), "after the last byte");
    }

    @Test
    void hostileAnnouncements_areRefusedBeforeMemoryIsTaken() {
        AtomicLong taken = new AtomicLong();
        for (TensorHeader header : List.of(
                header(DataType.DATA_TYPE_F32, 16, 5),
                header(DataType.DATA_TYPE_F32, 0, 1L << 32, 1L << 32),
                header(DataType.DATA_TYPE_F32, 16, -4),
                header(DataType.DATA_TYPE_UNSPECIFIED, 4, 4),
                header(DataType.DATA_TYPE_U8, -1, -1),
                header(DataType.DATA_TYPE_U8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                TensorHeader.newBuilder()
                        .setType(DataType.DATA_TYPE_U8)
                        .setBytes(1)
                        .build())) {
            assertThatThrownBy(() -> assembler(taken, Long.MAX_VALUE, header))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> assembler(taken, 100, u8("a", 60), u8("b", 41)))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("limit of 100");
        assertThatThrownBy(() -> assembler(taken, Long.MAX_VALUE, u8("a", 1L << 31)))
                .isInstanceOf(CapacityException.class);
        assembler(taken, 1L << 30, u8("a", 1 << 30));

        assertThat(taken).hasValue(0);
    }

    @Test
    void zeroInTheShape_isAnEmptyTensorWhateverElseIsThere() {
        TensorHeader header = header(DataType.DATA_TYPE_F32, 0, 0, Long.MAX_VALUE, 8);

        assertThat(TensorAssembler.of(List.of(header), 0).isComplete()).isTrue();
    }

    @Test
    void unknownType_isRefused() throws InvalidProtocolBufferException {
        TensorHeader strange =
                TensorHeader.newBuilder().setName("x").setTypeValue(99).build();

        assertThatThrownBy(() -> TensorHeaders.check(TensorHeader.parseFrom(strange.toByteArray())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UNRECOGNIZED");
    }

    @Test
    void unannouncedName_isNotFound() {
        assertThatThrownBy(() -> TensorAssembler.of(List.of(u8("a", 1)), 1).tensor("b"))
                .isInstanceOf(java.util.NoSuchElementException.class)
                .hasMessageContaining("[a]");
    }

    private static void assembler(AtomicLong taken, long maxBytes, TensorHeader... headers) {
        TensorAssembler.of(List.of(headers), maxBytes, bytes -> {
            taken.addAndGet(bytes);
            return ByteBuffer.allocate(bytes);
        });
    }

    private static void refused(TensorAssembler assembler, TensorFrame.Builder frame, String fact) {
        long before = assembler.received();
        assertThatThrownBy(() -> assembler.accept(frame.build()))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining(fact);
        assertThat(assembler.received()).isEqualTo(before);
    }

    private static TensorFrame.Builder frame(int tensor, long offset, byte[] data) {
        return TensorFrame.newBuilder()
                .setTensor(tensor)
                .setOffset(offset)
                .setCrc32C(TensorFrames.crc32c(ByteBuffer.wrap(data)))
                .setData(ByteString.copyFrom(data));
    }

    private static TensorHeader header(DataType type, long bytes, long... shape) {
        TensorHeader.Builder header =
                TensorHeader.newBuilder().setName("x").setType(type).setBytes(bytes);
        for (long size : shape) {
            header.addShape(size);
        }
        return header.build();
    }

    private static TensorHeader u8(String name, long bytes) {
        return TensorHeaders.of(name, DataType.DATA_TYPE_U8, bytes);
    }

    private static ByteBuffer random(int bytes, long seed) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return ByteBuffer.wrap(data);
    }

    private static List<TensorFrame> all(TensorFrames frames) {
        List<TensorFrame> all = new ArrayList<>();
        frames.forEachRemaining(all::add);
        return all;
    }
}
