// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** A record some of whose components are records, written as one object with the keys of all. */
final class FlatRecord {
    private static final ObjectMapper JSON =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    private FlatRecord() {}

    /** Throws what Jackson throws for the key whose value cannot be bound. */
    static <T extends Record> T bind(Class<T> type, ObjectNode keys) throws JsonProcessingException {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] =
                    types[i].isRecord() ? JSON.treeToValue(part(types[i], keys), types[i]) : value(components[i], keys);
        }
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException(type + " cannot be made", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made", e);
        }
    }

    private static ObjectNode part(Class<?> type, ObjectNode keys) {
        ObjectNode part = JSON.createObjectNode();
        for (RecordComponent component : type.getRecordComponents()) {
            if (keys.has(key(component))) {
                part.set(key(component), keys.get(key(component)));
            }
        }
        return part;
    }

    private static @Nullable Object value(RecordComponent component, ObjectNode keys) throws JsonProcessingException {
        String key = key(component);
        if (!keys.has(key)) {
            throw new IllegalArgumentException("key " + key + " is missing");
        }
        try {
            return JSON.treeToValue(keys.get(key), JSON.constructType(component.getGenericType()));
        } catch (JsonMappingException e) {
            throw JsonMappingException.wrapWithPath(e, component.getDeclaringRecord(), key);
        }
    }

    private static String key(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        if (named != null) {
            return named.value();
        }
        return PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(component.getName());
    }

    static ObjectNode keys(Record flat) {
        ObjectNode keys = JSON.createObjectNode();
        for (RecordComponent component : flat.getClass().getRecordComponents()) {
            try {
                component.getAccessor().setAccessible(true);
                Object value = component.getAccessor().invoke(flat);
                if (value instanceof Record part) {
                    keys.setAll(JSON.<ObjectNode>valueToTree(part));
                } else {
                    keys.set(key(component), JSON.valueToTree(value));
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(component + " cannot be read", e);
            }
        }
        return keys;
    }
}
