// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a template: {@link Text}, Boolean, Long, Double, {@link None}, {@link Undefined}, List, Map with scalar keys,
 * {@link Namespace}, {@link Loop} and {@link Callable}.
 */
final class Values {
    static final int MAX_NESTING = 64;

    private Values() {}

    /** What came from outside; texts under the key {@code role} are roles, all others content. */
    static Object of(JsonNode node) {
        return of(node, Origin.CONTENT, 0);
    }

    private static Object of(JsonNode node, Origin origin, int depth) {
        checkNesting(depth);
        if (node.isTextual()) {
            return Text.of(node.textValue(), origin);
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        if (node.isArray()) {
            List<Object> items = new ArrayList<>();
            node.forEach(item -> items.add(of(item, Origin.CONTENT, depth + 1)));
            return items;
        }
        if (node.isObject()) {
            Map<Object, Object> entries = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                Origin inner = entry.getKey().equals("role") ? Origin.ROLE : Origin.CONTENT;
                entries.put(Text.of(entry.getKey(), Origin.CONTENT), of(entry.getValue(), inner, depth + 1));
            }
            return entries;
        }
        return None.NONE;
    }

    static void checkNesting(int depth) {
        if (depth > MAX_NESTING) {
            throw new TemplateException("a value of the chat template nests deeper than " + MAX_NESTING + " levels");
        }
    }

    static boolean isTrue(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Text text) {
            return !text.isEmpty();
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return value != None.NONE && !(value instanceof Undefined);
    }

    /** Steps that looking at all of a value takes. */
    static long readingCost(Object value) {
        if (value instanceof Text text) {
            return text.length() / 32;
        }
        return value instanceof List<?> list ? list.size() : 0;
    }

    static boolean areEqual(Run run, Object a, Object b) {
        return areEqual(run, a, b, 0);
    }

    private static boolean areEqual(Run run, Object a, Object b, int depth) {
        checkNesting(depth);
        run.charge(1 + Math.min(readingCost(a), readingCost(b)));
        if (isNumeric(a) && isNumeric(b)) {
            return a instanceof Double || b instanceof Double ? number(a) == number(b) : integer(a) == integer(b);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean equal = x.size() == y.size() && (a instanceof Tuple) == (b instanceof Tuple);
            for (int i = 0; equal && i < x.size(); i++) {
                equal = areEqual(run, x.get(i), y.get(i), depth + 1);
            }
            return equal;
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.size() == y.size()
                    && x.entrySet().stream()
                            .allMatch(e -> y.containsKey(e.getKey())
                                    && areEqual(run, e.getValue(), Operators.entry(y, e.getKey()), depth + 1));
        }
        if (a instanceof Undefined && b instanceof Undefined) {
            return true;
        }
        return a instanceof Text ? a.equals(b) : a == b;
    }

    /** The elements of a list, the keys of a map, the characters of a text; none of what is undefined. */
    static List<Object> items(Object value) {
        if (value instanceof List<?> list) {
            return List.copyOf(list);
        }
        if (value instanceof Map<?, ?> map) {
            return List.copyOf(map.keySet());
        }
        if (value instanceof Undefined) {
            return List.of();
        }
        if (value instanceof Text text) {
            List<Object> characters = new ArrayList<>();
            for (int i = 0; i < text.length(); ) {
                int end = text.value().offsetByCodePoints(i, 1);
                characters.add(text.part(i, end));
                i = end;
            }
            return characters;
        }
        throw new TemplateException("a " + typeName(value) + " of the chat template cannot be iterated");
    }

    static Text text(Object value) {
        if (value instanceof Text text) {
            return text;
        }
        throw wrongType("text", value);
    }

    static boolean isNumeric(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static long integer(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (value instanceof Long number) {
            return number;
        }
        throw wrongType("whole number", value);
    }

    static double number(Object value) {
        return value instanceof Double number ? number : integer(value);
    }

    private static TemplateException wrongType(String wanted, Object value) {
        return value instanceof Undefined undefined
                ? undefined.failure()
                : new TemplateException("the chat template needs a " + wanted + ", has a " + typeName(value));
    }

    static String typeName(Object value) {
        if (value instanceof Text) {
            return "text";
        }
        if (value instanceof Boolean) {
            return "boolean";
        }
        if (isNumeric(value)) {
            return "number";
        }
        if (value instanceof List) {
            return "list";
        }
        if (value instanceof Map) {
            return "mapping";
        }
        return value == None.NONE ? "none" : value instanceof Undefined ? "undefined value" : "function";
    }
}
