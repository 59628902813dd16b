// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Crafted files must end in a typed error that names file and tensor, before memory is taken. */
class HostileSafetensorsTest {
    private static final long MAX_ALLOCATED = 64L << 20;

    @TempDir
    Path dir;

    static Stream<Arguments> headers() {
        return Stream.of(
                header("not JSON", "{\"x\":", "", "not sound JSON"),
                header("not an object", "[1,2,3]", "", "must begin with '{'"),
                header("leading space", " {}", "", "must begin with '{'"),
                header("two objects", "{}{}", "", "one JSON object only"),
                header(
                        "deep JSON",
                        "{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}",
                        "x",
                        "described by an object"),
                header(
                        "deep metadata",
                        "{\"__metadata__\":" + "{\"a\":".repeat(5000),
                        "__metadata__",
                        "object of strings"),
                header("deep shape", entry("F32", "[[[[[[[[[[1]]]]]]]]]]", "[0,4]"), "x", "whole numbers"),
                header(
                        "duplicate tensor",
                        "{" + body("x", "F32", "[1]", "[0,4]") + "," + body("x", "F32", "[1]", "[0,4]") + "}",
                        "x",
                        "occurs twice"),
                header("duplicate member", "{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "x", "has dtype twice"),
                header("unknown member", "{\"x\":{\"code\":\"os\"}}", "x", "unknown member 'code'"),
                header("unknown dtype", entry("F8_E4M3", "[4]", "[0,4]"), "x", "dtype 'F8_E4M3'"),
                header(
                        "missing member",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1]}}",
                        "x",
                        "must have dtype, shape and"),
                header("negative offset", entry("F32", "[1]", "[-4,0]"), "x", "whole numbers in [0, 2^63)"),
                header("reversed offsets", entry("F32", "[1]", "[4,0]"), "x", "reversed data_offsets"),
                header("three offsets", entry("F32", "[1]", "[0,4,4]"), "x", "more than 2 numbers"),
                header("huge offset", entry("F32", "[1]", "[0,18446744073709551616]"), "x", "whole numbers"),
                header("offset beyond the data", entry("U8", "[5]", "[0,5]"), "x", "ends at 5 of 4 bytes"),
                header(
                        "overlap",
                        "{" + body("x", "U8", "[4]", "[0,4]") + "," + body("y", "U8", "[2]", "[2,4]") + "}",
                        "y",
                        "overlaps another"),
                header(
                        "gap",
                        "{" + body("x", "U8", "[1]", "[0,1]") + "," + body("y", "U8", "[2]", "[2,4]") + "}",
                        "y",
                        "leaves a gap"),
                header(
                        "empty tensor inside another",
                        "{" + body("x", "U8", "[4]", "[0,4]") + "," + body("y", "U8", "[0]", "[2,2]") + "}",
                        "y",
                        "overlaps"),
                header("shape wraps to 4", entry("F32", "[4611686018427387905]", "[0,4]"), "x", "2^63 bytes or more"),
                header("product wraps to 4", entry("U8", "[4294967298,4294967294,4294967297]", "[0,4]"), "x", "2^63"),
                header("shape and offsets differ", entry("F32", "[2]", "[0,4]"), "x", "needs 8 bytes"),
                header("negative axis", entry("F32", "[-1,-1]", "[0,4]"), "x", "whole numbers"),
                header("fractional axis", entry("F32", "[1.0]", "[0,4]"), "x", "whole numbers"),
                header("33 axes", entry("F32", "[1" + ",1".repeat(32) + "]", "[0,4]"), "x", "more than 32 numbers"),
                header("trailing bytes", entry("U8", "[3]", "[0,3]"), "", "1 bytes after the last tensor"),
                header("no tensors but data", "{}", "", "4 bytes after the last tensor"),
                header("metadata of numbers", "{\"__metadata__\":{\"a\":1}}", "__metadata__", "object of strings"),
                header("name of 5,000 characters", "{\"" + "n".repeat(5000) + "\":1}", "", "not sound JSON"));
    }

    private static Arguments header(String what, String json, String tensor, String fact) {
        return Arguments.of(what, json, tensor, fact);
    }

    private static String entry(String type, String shape, String offsets) {
        return "{" + body("x", type, shape, offsets) + "}";
    }

    private static String body(String name, String type, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headers")
    void unsoundHeader_isRefusedByName(String what, String json, String tensor, String fact) throws IOException {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        assertRefused(file(text.length, text, 4), tensor, fact);
    }

    @Test
    void emptyFile_isRefused() throws IOException {
        assertRefused(Files.write(dir.resolve("f"), new byte[0]), "", "longer than 8 bytes, was 0");
    }

    @Test
    void headerLengths_areCheckedBeforeMemoryIsTaken() throws IOException {
        byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
        assertRefused(file(0, text, 0), "", "header must be of 1 to 100000000 bytes, was 0");
        assertRefused(file(3, text, 0), "", "header of 3 bytes does not fit into a file of 10");
        assertRefused(file(100_000_001, text, 0), "", "was 100000001");
        assertRefused(file(8L << 30, text, 0), "", "was 8589934592");
        assertRefused(file(Long.MIN_VALUE, text, 0), "", "was 9223372036854775808");
        assertRefused(file(-1, text, 0), "", "was 18446744073709551615");
    }

    @Test
    void headerThatIsNotUtf8_isRefused() throws IOException {
        byte[] bad = {'{', '"', (byte) 0xC3, '"', ':', '1', '}'};
        assertRefused(file(bad.length, bad, 0), "", "header is not UTF-8");
        byte[] overlong = {'{', '"', (byte) 0xC0, (byte) 0xAF, '"', ':', '1', '}'};
        assertRefused(file(overlong.length, overlong, 0), "", "header is not UTF-8");
        byte[] wide = "{\"x\":1}".getBytes(StandardCharsets.UTF_16LE);
        assertRefused(file(wide.length, wide, 0), "", "not sound JSON");
    }

    @Test
    void oneHundredThousandAndOneTensors_areRefused() throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i <= 100_000; i++) {
            json.append(i == 0 ? "" : ",").append(body("t" + i, "U8", "[0]", "[0,0]"));
        }
        byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        assertRefused(file(text.length, text, 0), "t100000", "at most 100000 tensors are read");
    }

    @Test
    void headerOf90MegabytesOfNames_isRefusedWithoutHoldingThem() throws IOException {
        Path file = dir.resolve("names");
        String name = "n".repeat(4000);
        long length = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(new byte[8]);
            out.write('{');
            for (; length < 90_000_000; length += 4_060) {
                out.write((length == 0 ? "" : ",").getBytes(StandardCharsets.UTF_8));
                out.write(body(name + length, "U8", "[0]", "[0,0]").getBytes(StandardCharsets.UTF_8));
            }
            out.write('}');
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long header = channel.size() - 8;
            channel.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(header)
                            .flip(),
                    0);
        }

        SafetensorsException refused =
                catchThrowableOfType(SafetensorsException.class, () -> SafetensorsFile.open(file));

        assertThat(refused).hasMessageContaining("is one name too many").hasMessageContaining("nnn...");
    }

    @Test
    void emptyTensorsThatShareAnOffset_areSound() throws IOException {
        String json =
                "{" + body("x", "U8", "[4]", "[0,4]") + "," + body("y", "F32", "[0,9223372036854775807,9]", "[4,4]")
                        + "," + body("z", "U8", "[0]", "[4,4]") + "," + body("w", "U8", "[0]", "[0,0]") + "}";
        byte[] text = json.getBytes(StandardCharsets.UTF_8);

        try (SafetensorsFile read = SafetensorsFile.open(file(text.length, text, 4))) {
            assertThat(read.bytes("y").remaining()).isZero();
            assertThat(read.bytes("x").remaining()).isEqualTo(4);
        }
    }

    @Test
    void directory_isRefused() {
        assertRefused(dir, "", "is no file");
    }

    private Path file(long headerLength, byte[] header, int dataBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerLength).put(header);
        return Files.write(dir.resolve("hostile.safetensors"), bytes.array());
    }

    private static void assertRefused(Path file, String tensor, String fact) {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();

        SafetensorsException refused =
                catchThrowableOfType(SafetensorsException.class, () -> SafetensorsFile.open(file));

        assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(MAX_ALLOCATED);
        assertThat(refused).hasMessageStartingWith(file + ": ").hasMessageContaining(fact);
        assertThat(refused.tensor()).isEqualTo(tensor);
    }
}
