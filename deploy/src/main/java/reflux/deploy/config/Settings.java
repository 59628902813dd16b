// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of all services as one tree of sections and keys, and where each came from. A later source wins over an earlier
 * one, key by key: the file, then the environment, then {@code --set}. A list is replaced whole.
 *
 * <p>An environment variable names a key as {@code REFLUX_SECTION__KEY} (two underscores between the levels, upper case), so
 * {@code REFLUX_TEACHER__MAX_BATCH_TOKENS=8192} sets {@code teacher.max_batch_tokens}. Variables with no double underscore
 * are not settings. Values, of {@code --set} too, are read as YAML.
 */
public final class Settings {
    private static final String PREFIX = "REFLUX_";
    private static final String LEVEL = "__";

    private final ObjectNode root = JsonNodeFactory.instance.objectNode();
    private final Map<String, String> origins = new LinkedHashMap<>();

    private Settings() {}

    /**
     * @param assignments {@code section.key=value}, as {@code --set} takes them
     * @throws ConfigException if the file is not YAML or an assignment has no key
     */
    public static Settings load(Path file, Map<String, String> environment, List<String> assignments) {
        Settings settings = new Settings();
        YamlTree.read(file).forEach(settings::put);
        new TreeMap<>(environment).forEach(settings::putVariable);
        assignments.forEach(settings::putAssignment);
        return settings;
    }

    /** Settings without a file or an environment: {@code section.key=value} only. */
    public static Settings assigned(List<String> assignments) {
        Settings settings = new Settings();
        assignments.forEach(settings::putAssignment);
        return settings;
    }

    /** A section's own keys; empty if it is not there. */
    ObjectNode section(String name) {
        return root.path(name) instanceof ObjectNode section ? section : JsonNodeFactory.instance.objectNode();
    }

    List<String> sections() {
        List<String> names = new ArrayList<>();
        root.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Where a key was set, such as {@code ring.yaml:12} or {@code --set}; the key itself if nowhere. */
    String origin(String path) {
        return origins.getOrDefault(path, path);
    }

    private void putVariable(String name, String value) {
        if (name.startsWith(PREFIX) && name.substring(PREFIX.length()).contains(LEVEL)) {
            String path =
                    name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace(LEVEL, ".");
            put(new YamlTree.Entry(path, YamlTree.value(value, "environment variable " + name), name));
        }
    }

    private void putAssignment(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new ConfigException(
                    "--set " + assignment + ": write it as section.key=value, such as learner.seed=1");
        }
        String path = assignment.substring(0, equals).strip();
        String place = "--set " + path;
        put(new YamlTree.Entry(path, YamlTree.value(assignment.substring(equals + 1), place), place));
    }

    private void put(YamlTree.Entry entry) {
        String[] keys = entry.path().split("\\.", -1);
        ObjectNode node = root;
        for (int i = 0; i < keys.length - 1; i++) {
            JsonNode child = node.get(keys[i]);
            node = child instanceof ObjectNode object ? object : node.putObject(keys[i]);
        }
        node.set(keys[keys.length - 1], entry.value());
        origins.put(entry.path(), entry.place());
    }
}
