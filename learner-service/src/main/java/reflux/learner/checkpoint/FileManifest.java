// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The SHA-256 of every file of a checkpoint, in a file of its own: a checkpoint that does not match it is not used. */
final class FileManifest {
    private static final String FOLDER = "reflux_state";
    private static final String NAME = FOLDER + "/manifest.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private FileManifest() {}

    /** Writes the manifest and forces all files and directories to the disk. */
    static void seal(Path directory) throws IOException {
        ObjectNode sums = JSON.createObjectNode();
        for (Path file : files(directory)) {
            sums.put(directory.relativize(file).toString(), sha256(file));
        }
        JSON.writerWithDefaultPrettyPrinter().writeValue(directory.resolve(NAME).toFile(), sums);
        for (Path file : files(directory)) {
            force(file, StandardOpenOption.WRITE);
        }
        force(directory.resolve(FOLDER), StandardOpenOption.READ);
        force(directory, StandardOpenOption.READ);
    }

    /** Throws IOException naming the first file that is missing or is not as it was written. */
    static void check(Path directory) throws IOException {
        JsonNode sums = JSON.readTree(directory.resolve(NAME).toFile());
        Iterator<Map.Entry<String, JsonNode>> entries = sums.fields();
        while (entries.hasNext()) {
            Map.Entry<String, JsonNode> entry = entries.next();
            Path file = directory.resolve(entry.getKey());
            if (!Files.isRegularFile(file)) {
                throw new IOException(file + " is missing");
            }
            if (!sha256(file).equals(entry.getValue().asText())) {
                throw new IOException(file + " is not as it was written: its SHA-256 differs");
            }
        }
    }

    static void force(Path path, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
