// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds a section of the settings to a service's record; a key that the record does not have is an error. */
public final class SettingsBinder {
    private static final PropertyNamingStrategies.SnakeCaseStrategy SNAKE =
            new PropertyNamingStrategies.SnakeCaseStrategy();
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Settings settings;
    private final List<String> sections;

    /** @param sections all that a file may have, of whatever service */
    public SettingsBinder(Settings settings, List<String> sections) {
        this.settings = settings;
        this.sections = List.copyOf(sections);
    }

    /**
     * @param defaults laid under the section, their keys are the known ones; null if the record fills its own
     * @throws ConfigException naming place, key, value and remedy
     */
    public <T extends Record> T bind(String section, Class<T> type, @Nullable T defaults) {
        for (String name : settings.sections()) {
            if (!sections.contains(name)) {
                throw unknown(name, "section", sections);
            }
        }
        ObjectNode merged = defaults == null ? MAPPER.createObjectNode() : MAPPER.valueToTree(defaults);
        List<String> keys = defaults == null ? keys(type) : keys(merged);
        ObjectNode given = settings.section(section);
        for (Iterator<String> names = given.fieldNames(); names.hasNext(); ) {
            String key = names.next();
            if (!keys.contains(key)) {
                throw unknown(section + "." + key, "key", keys);
            }
        }
        merged.setAll(given);
        return convert(section, type, merged);
    }

    /** A value of a section as it is given, before anything is checked; empty if there is none. */
    public String text(String section, String key) {
        return settings.section(section).path(key).asText("");
    }

    private static List<String> keys(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .map(SNAKE::translate)
                .toList();
    }

    private static List<String> keys(ObjectNode object) {
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** A bound section as YAML, defaults filled in. */
    public static String describe(String section, Record bound) {
        try {
            ObjectNode root = MAPPER.createObjectNode();
            root.set(section, MAPPER.valueToTree(bound));
            return new YAMLMapper().writeValueAsString(root).strip();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a configuration cannot be written as YAML", e);
        }
    }

    private <T> T convert(String section, Class<T> type, ObjectNode merged) {
        try {
            return MAPPER.treeToValue(merged, type);
        } catch (JsonMappingException e) {
            throw rejected(section, e);
        } catch (JsonProcessingException e) {
            throw new ConfigException(section + ": " + e.getOriginalMessage(), e);
        }
    }

    private ConfigException rejected(String section, JsonMappingException e) {
        if (e.getCause() instanceof IllegalArgumentException cause) {
            return new ConfigException(placed(section, String.valueOf(cause.getMessage())), e);
        }
        String key =
                e.getPath().isEmpty() ? "" : String.valueOf(e.getPath().get(0).getFieldName());
        String path = section + "." + key;
        String value = settings.section(section).path(key).toString();
        return new ConfigException(
                settings.origin(path) + ": " + path + " cannot be " + value + ": " + firstLine(e.getOriginalMessage()),
                e);
    }

    /** Puts the place of the key that a service's own message begins with before it. */
    private String placed(String section, String message) {
        String key = message.split("[\\s:=]", 2)[0];
        String origin = settings.origin(key);
        return key.startsWith(section + ".") && !origin.equals(key) ? origin + ": " + message : message;
    }

    private ConfigException unknown(String path, String what, List<String> known) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        String place = settings.origin(path);
        String nearest = NearestName.of(name, known);
        String before = place.equals(path) ? "" : place + ": ";
        return new ConfigException(before + path + " is no known " + what + "; nearest is \"" + nearest
                + "\", known are " + String.join(", ", known));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
