// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A way to train, by nothing but settings.
 *
 * @param name its file's, without the number that orders the files
 * @param ablationOf the method whose learning rate and steps it takes, because it changes one thing of it; else empty
 * @param settings of the services, as a configuration file has them
 */
record Method(String name, Optional<String> ablationOf, ObjectNode settings) {
    /** What all methods share; theirs are laid over it. */
    static final String COMMON = "common.yaml";

    private static final String ABLATION_OF = "ablation_of";
    private static final YAMLMapper YAML = new YAMLMapper();

    /** The methods of a directory, in the order of their file names; only those named, if any are. */
    static List<Method> readAll(Path directory, List<String> only) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Method> all = files.filter(file -> file.toString().endsWith(".yaml") && !file.endsWith(COMMON))
                    .sorted()
                    .map(file -> of(name(file), read(file)))
                    .toList();
            List<String> names = all.stream().map(Method::name).toList();
            for (String name : only) {
                if (!names.contains(name)) {
                    throw new IllegalArgumentException(
                            name + " is no method; " + directory + " has " + String.join(", ", names));
                }
            }
            return all.stream()
                    .filter(method -> only.isEmpty() || only.contains(method.name()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be listed", e);
        }
    }

    static Method of(String name, ObjectNode file) {
        ObjectNode settings = file.deepCopy();
        JsonNode base = settings.remove(ABLATION_OF);
        return new Method(name, Optional.ofNullable(base).map(JsonNode::asText), settings);
    }

    static ObjectNode read(Path file) {
        try {
            if (YAML.readTree(Files.readString(file)) instanceof ObjectNode settings) {
                return settings;
            }
            throw new IllegalArgumentException(file + " must have sections, such as learner");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("^\\d+-", "").replaceFirst("\\.yaml$", "");
    }
}
