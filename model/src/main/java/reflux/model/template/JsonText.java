// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The filter {@code tojson}: Python's {@code json.dumps}, with non-ASCII characters as they are unless asked otherwise. */
final class JsonText {
    private final TextBuilder out;
    private final boolean ascii;
    private final boolean sorted;
    private final boolean lines;
    private final String indent;
    private final Text itemSeparator;
    private final Text keySeparator;

    private JsonText(TextBuilder out, Arguments arguments) {
        this.out = out;
        this.ascii = arguments.isTrue(0, "ensure_ascii");
        this.lines = arguments.has(1, "indent");
        this.indent = lines ? indent(arguments.get(1, "indent")) : "";
        this.sorted = arguments.isTrue(3, "sort_keys");
        List<Object> separators = arguments.has(2, "separators")
                ? Values.items(arguments.get(2, "separators"))
                : List.of(Text.of(lines ? "," : ", "), Text.of(": "));
        if (separators.size() != 2) {
            throw new TemplateException("tojson of the chat template needs two separators, has " + separators.size());
        }
        this.itemSeparator = Values.text(separators.get(0));
        this.keySeparator = Values.text(separators.get(1));
    }

    private static String indent(Object given) {
        return given instanceof Text text
                ? text.value()
                : " ".repeat((int) Math.max(0, Math.min(16, Values.integer(given))));
    }

    static Text write(Run run, Object value, Arguments arguments) {
        TextBuilder out = new TextBuilder(run);
        new JsonText(out, arguments).write(value, 0);
        return out.text();
    }

    private void write(Object value, int depth) {
        Values.checkNesting(depth);
        if (value instanceof Text text) {
            quote(text);
        } else if (value instanceof List<?> list) {
            out.append("[");
            for (int i = 0; i < list.size(); i++) {
                separate(i == 0, depth + 1);
                write(list.get(i), depth + 1);
            }
            close(list.isEmpty(), "]", depth);
        } else if (value instanceof Map<?, ?> map) {
            writeMap(map, depth);
        } else if (value instanceof Boolean || value == None.NONE) {
            out.append(value == None.NONE ? "null" : value.toString());
        } else if (value instanceof Number) {
            out.append(Printing.scalar(value));
        } else {
            throw new TemplateException("a " + Values.typeName(value) + " of the chat template has no JSON");
        }
    }

    private void writeMap(Map<?, ?> map, int depth) {
        List<Object> keys = new ArrayList<>(map.keySet());
        if (sorted) {
            keys.sort(Operators::order);
        }
        out.append("{");
        boolean first = true;
        for (Object key : keys) {
            separate(first, depth + 1);
            if (key instanceof Text text) {
                quote(text);
            } else {
                out.append("\"")
                        .append(key == None.NONE ? "null" : key.toString())
                        .append("\"");
            }
            out.append(keySeparator);
            write(Operators.entry(map, key), depth + 1);
            first = false;
        }
        close(first, "}", depth);
    }

    private void separate(boolean first, int depth) {
        if (!first) {
            out.append(itemSeparator);
        }
        newLine(depth);
    }

    private void close(boolean empty, String bracket, int depth) {
        if (!empty) {
            newLine(depth);
        }
        out.append(bracket);
    }

    private void newLine(int depth) {
        if (lines) {
            out.append("\n").append(indent.repeat(depth));
        }
    }

    private void quote(Text text) {
        out.append("\"");
        for (int i = 0; i < text.length(); i++) {
            out.append(escaped(text.value().charAt(i)), text.mark(i));
        }
        out.append("\"");
    }

    private String escaped(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default ->
                c < 32 || (ascii && c > 126) ? String.format(Locale.ROOT, "\\u%04x", (int) c) : String.valueOf(c);
        };
    }
}
