// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Method definitions from several resources as one TorchScript archive in memory: a zip of stored entries with a pickled module
 * that has no parameters. Comment lines become empty lines, so line numbers stay those of the resources.
 */
final class ScriptSource {
    private static final String HEADER =
            "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n";
    private static final String NONE = "  def none(self) -> Optional[Tensor]:\n    return None\n";
    private static final Pattern LINE = Pattern.compile("__torch__\\.py\", line (\\d+)");

    private record Part(String resource, int firstLine) {}

    private final StringBuilder code = new StringBuilder(HEADER).append(NONE);
    private final List<Part> parts = new ArrayList<>();
    private int lines = 6;

    static ScriptSource read(Class<?> anchor, String... resources) {
        ScriptSource source = new ScriptSource();
        for (String resource : resources) {
            source.append(resource, text(anchor, resource));
        }
        return source;
    }

    private static String text(Class<?> anchor, String resource) {
        try (InputStream in = anchor.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no script resource " + resource + " beside " + anchor.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    private void append(String resource, String text) {
        parts.add(new Part(resource, lines + 1));
        for (String line : text.split("\n", -1)) {
            code.append(line.strip().startsWith("#") ? "" : line).append('\n');
            lines++;
        }
    }

    /** The message of torch with its last archive line said as resource and line. */
    String locate(String message) {
        Matcher matcher = LINE.matcher(message);
        String place = parts.isEmpty() ? "script" : parts.get(0).resource();
        while (matcher.find()) {
            int line = Integer.parseInt(matcher.group(1));
            for (Part part : parts) {
                if (part.firstLine() <= line) {
                    place = part.resource() + ":" + (line - part.firstLine() + 1);
                }
            }
        }
        return place + ": " + message.strip();
    }

    byte[] archive() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "m/data.pkl", module());
            put(zip, "m/code/__torch__.py", code.toString().getBytes(StandardCharsets.UTF_8));
            put(zip, "m/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            put(zip, "m/version", "10\n".getBytes(StandardCharsets.US_ASCII));
            put(zip, "m/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    /** Pickle of {@code __torch__.M()} with the state {"training": True}. */
    private static byte[] module() throws IOException {
        byte[] key = "training".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(new byte[] {(byte) 0x80, 2});
        pickle.write("c__torch__\nM\n".getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {'q', 0, ')', (byte) 0x81, '}', '(', 'X', (byte) key.length, 0, 0, 0});
        pickle.write(key);
        pickle.write(new byte[] {(byte) 0x88, 'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
