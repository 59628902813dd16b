// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Reads YAML as a flat list of keys with their places. */
final class YamlTree {
    private static final YAMLMapper YAML = new YAMLMapper();

    private YamlTree() {}

    /** One key; {@code path} is {@code section.key}, {@code place} is for messages. */
    record Entry(String path, JsonNode value, String place) {}

    static List<Entry> read(Path file) {
        try (YAMLParser parser = YAML.getFactory().createParser(Files.readString(file))) {
            return entries(parser, file);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file + ": there is no such file", e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new ConfigException(file + ":" + line + ": is not YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** One value outside a file. */
    static JsonNode value(String yaml, String place) {
        try {
            JsonNode node = YAML.readTree(yaml);
            return node == null || node.isMissingNode() ? NullNode.getInstance() : node;
        } catch (IOException e) {
            throw new ConfigException(place + ": is not a YAML value: " + yaml, e);
        }
    }

    private static List<Entry> entries(YAMLParser parser, Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Deque<String> path = new ArrayDeque<>();
        JsonToken token = parser.nextToken();
        if (token != null && token != JsonToken.START_OBJECT) {
            throw new ConfigException(file + ":1: needs sections such as \"teacher:\" at the top, has " + token);
        }
        for (token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.END_OBJECT) {
                path.pollLast();
                continue;
            }
            path.addLast(parser.currentName());
            String place = file + ":" + parser.currentTokenLocation().getLineNr();
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                continue;
            }
            entries.add(new Entry(String.join(".", path), YAML.readTree(parser), place));
            path.removeLast();
        }
        return entries;
    }
}
