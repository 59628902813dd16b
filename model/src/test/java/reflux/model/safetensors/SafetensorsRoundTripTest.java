// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.engine.DataType;

class SafetensorsRoundTripTest {
    @TempDir
    Path dir;

    private final Map<String, byte[]> data = new HashMap<>();

    /** One tensor of each type, one scalar, one without elements; odd sizes, so that data would be unaligned in this order. */
    private List<TensorInfo> everyType() {
        Random random = new Random(3);
        List<TensorInfo> tensors = new ArrayList<>();
        for (DataType type : DataType.values()) {
            tensors.add(0, TensorInfo.of("layer." + type, type, List.of(3L, 5L)));
        }
        tensors.add(TensorInfo.of("scalar", DataType.F64, List.of()));
        tensors.add(TensorInfo.of("none", DataType.F32, List.of(4L, 0L)));
        tensors.add(TensorInfo.of("name \"with\" \u00e9 \ud83d\ude42 \\ and\nline", DataType.U8, List.of(7L)));
        for (TensorInfo tensor : tensors) {
            byte[] bytes = new byte[(int) tensor.bytes()];
            random.nextBytes(bytes);
            data.put(tensor.name(), bytes);
        }
        return tensors;
    }

    private ByteBuffer bytes(String name) {
        return ByteBuffer.wrap(data.get(name));
    }

    @Test
    void everyType_comesBack() {
        List<TensorInfo> tensors = everyType();
        Path file = dir.resolve("all.safetensors");

        SafetensorsWriter.write(file, tensors, this::bytes, Map.of("step", "12"));

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensors()).containsExactlyInAnyOrderElementsOf(tensors);
            assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "step", "12"));
            for (TensorInfo tensor : tensors) {
                ByteBuffer whole = read.bytes(tensor.name());
                assertThat(whole.isReadOnly()).isTrue();
                assertThat(whole.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
                assertThat(content(whole)).isEqualTo(data.get(tensor.name()));
            }
            byte[] part = content(read.bytes("layer.F32", 8, 12));
            assertThat(part).isEqualTo(java.util.Arrays.copyOfRange(data.get("layer.F32"), 8, 20));
        }
    }

    @Test
    void headerAndOffsets_areAsTheFormatSays() throws IOException {
        Path file = dir.resolve("two.safetensors");
        data.put("b", new byte[] {1, 2, 3});
        data.put("a", new byte[] {4, 5, 6, 7});
        List<TensorInfo> tensors =
                List.of(TensorInfo.of("b", DataType.U8, List.of(3L)), TensorInfo.of("a", DataType.F32, List.of(1L)));

        SafetensorsWriter.write(file, tensors, this::bytes, Map.of());

        ByteBuffer raw = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(raw.getLong());
        assertThat(length % 8).isZero();
        byte[] header = new byte[length];
        raw.get(header);
        assertThat(new String(header, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo("{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]}}");
        byte[] rest = new byte[raw.remaining()];
        raw.get(rest);
        assertThat(rest).containsExactly(4, 5, 6, 7, 1, 2, 3);
    }

    @Test
    void foreignFileWithSpacesAndMembersInOtherOrder_isRead() throws IOException {
        String header = "{ \"x\" : { \"data_offsets\" : [0, 2], \"shape\" : [2], \"dtype\" : \"I8\" } }   ";
        ByteBuffer file = ByteBuffer.allocate(8 + header.length() + 2).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length())
                .put(header.getBytes(StandardCharsets.UTF_8))
                .put((byte) 9)
                .put((byte) 8);
        Files.write(dir.resolve("foreign.safetensors"), file.array());

        try (SafetensorsFile read = SafetensorsFile.open(dir.resolve("foreign.safetensors"))) {
            assertThat(content(read.bytes("x"))).containsExactly(9, 8);
        }
    }

    @Test
    void streamedParts_makeTheSameFile() throws IOException {
        List<TensorInfo> tensors = everyType();
        SafetensorsWriter.write(dir.resolve("whole"), tensors, this::bytes, Map.of());

        try (SafetensorsWriter writer = SafetensorsWriter.create(dir.resolve("parts"), tensors, Map.of())) {
            for (TensorInfo tensor : writer.order()) {
                ByteBuffer all = bytes(tensor.name());
                while (all.hasRemaining()) {
                    ByteBuffer part = all.slice(all.position(), Math.min(11, all.remaining()));
                    all.position(all.position() + part.remaining());
                    writer.append(part);
                }
            }
            writer.finish();
        }

        assertThat(dir.resolve("parts")).hasSameBinaryContentAs(dir.resolve("whole"));
    }

    @Test
    void unfinishedFile_neverAppearsAndKeepsTheOldOne() throws IOException {
        Path file = dir.resolve("model.safetensors");
        Files.writeString(file, "old");
        List<TensorInfo> tensors = everyType();

        assertThatIllegalStateException().isThrownBy(() -> {
            try (SafetensorsWriter writer = SafetensorsWriter.create(file, tensors, Map.of())) {
                writer.append(bytes(writer.order().get(0).name()));
                writer.finish();
            }
        });

        assertThat(file).hasContent("old");
        assertThat(dir).isDirectoryContaining("glob:**model.safetensors").isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void dataOfAnotherSize_isRefused() {
        data.put("a", new byte[3]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafetensorsWriter.write(
                        dir.resolve("x"),
                        List.of(TensorInfo.of("a", DataType.F32, List.of(1L))),
                        this::bytes,
                        Map.of()))
                .withMessage("tensor 'a' must have 4 bytes, was given 3");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void unknownNameAndClosedFile_areErrors() {
        data.put("a", new byte[4]);
        SafetensorsWriter.write(
                dir.resolve("x"), List.of(TensorInfo.of("a", DataType.F32, List.of(1L))), this::bytes, Map.of());
        SafetensorsFile file = SafetensorsFile.open(dir.resolve("x"));

        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(() -> file.info("b"));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> file.bytes("a", 2, 3));
        file.close();
        assertThatIllegalStateException().isThrownBy(() -> file.bytes("a"));
    }

    @Test
    void windowsOfALargeTensor_areWhatWasWritten() {
        byte[] written = new byte[(3 << 20) + 5];
        new Random(4).nextBytes(written);
        data.put("a", new byte[3]);
        data.put("b", written);
        SafetensorsWriter.write(
                dir.resolve("x"),
                List.of(TensorInfo.of("a", DataType.U8, List.of(3L)), TensorInfo.of("b", DataType.U8, List.of((long)
                        written.length))),
                this::bytes,
                Map.of());

        try (SafetensorsFile read = SafetensorsFile.open(dir.resolve("x"))) {
            assertThat(content(read.bytes("b"))).isEqualTo(written);
            for (ByteBuffer memory : List.of(ByteBuffer.allocate(3 << 20), ByteBuffer.allocateDirect(3 << 20))) {
                memory.put((byte) 1);
                read.read("b", 3, memory);
                assertThat(memory.hasRemaining()).isFalse();
                assertThat(content(memory.flip().position(1))).isEqualTo(Arrays.copyOfRange(written, 3, 2 + (3 << 20)));
            }
            ByteBuffer tooLong = ByteBuffer.allocate(4);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> read.read("a", 0, tooLong));
        }
    }

    @Test
    void fileThatIsShortenedWhileItIsOpen_isNamed() throws IOException {
        data.put("a", new byte[8]);
        Path file = dir.resolve("x");
        SafetensorsWriter.write(file, List.of(TensorInfo.of("a", DataType.U8, List.of(8L))), this::bytes, Map.of());

        try (SafetensorsFile read = SafetensorsFile.open(file);
                var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);

            assertThat(content(read.bytes("a", 0, 7))).hasSize(7);
            assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> read.bytes("a"))
                    .withMessageContaining(file.toString())
                    .withMessageContaining("'a'")
                    .withMessageContaining("the file became shorter");
        }
    }

    /** A sparse file: nothing of its 3 GiB is on the disk. */
    @Test
    void fileOfMoreThanTwoGiB_isReadInParts() throws IOException {
        long elements = 3L << 30;
        String header = "{\"big\":{\"dtype\":\"U8\",\"shape\":[" + elements + "],\"data_offsets\":[0," + elements
                + "]},\"last\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[" + elements + "," + (elements + 2)
                + "]}}";
        Path file = dir.resolve("sparse.safetensors");
        try (var channel = java.nio.channels.FileChannel.open(
                file,
                java.nio.file.StandardOpenOption.CREATE_NEW,
                java.nio.file.StandardOpenOption.WRITE,
                java.nio.file.StandardOpenOption.SPARSE)) {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(start.putLong(header.length())
                    .put(header.getBytes(StandardCharsets.UTF_8))
                    .flip());
            channel.write(ByteBuffer.wrap(new byte[] {7, 8, 9}), start.capacity() + elements - 1);
        }

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(content(read.bytes("last"))).containsExactly(8, 9);
            assertThat(content(read.bytes("big", elements - 2, 2))).containsExactly(0, 7);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read.bytes("big"))
                    .withMessageContaining("more than 2 GiB must be read in parts");
        }
    }

    static byte[] content(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
