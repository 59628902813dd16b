// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to take strings apart. */
final class TextSplits {
    private TextSplits() {}

    static Object split(Run run, Text text, Arguments arguments) {
        long most = arguments.number(1, "maxsplit", -1);
        if (!arguments.has(0, "sep")) {
            return words(text, most);
        }
        String separator = separator(arguments);
        List<Object> parts = new ArrayList<>();
        int start = 0;
        int found = text.value().indexOf(separator);
        while (found >= 0 && parts.size() != most) {
            run.charge(1);
            parts.add(text.part(start, found));
            start = found + separator.length();
            found = text.value().indexOf(separator, start);
        }
        parts.add(text.from(start));
        return parts;
    }

    static Object splitFromRight(Run run, Text text, Arguments arguments) {
        long most = arguments.number(1, "maxsplit", -1);
        if (!arguments.has(0, "sep")) {
            if (most >= 0) {
                throw new TemplateException("rsplit of the chat template needs a separator");
            }
            return words(text, -1);
        }
        String separator = separator(arguments);
        List<Object> parts = new ArrayList<>();
        int end = text.length();
        int found = text.value().lastIndexOf(separator);
        while (found >= 0 && parts.size() != most) {
            run.charge(1);
            parts.add(text.part(found + separator.length(), end));
            end = found;
            found = end < separator.length() ? -1 : text.value().lastIndexOf(separator, end - separator.length());
        }
        parts.add(text.part(0, end));
        Collections.reverse(parts);
        return parts;
    }

    private static String separator(Arguments arguments) {
        String separator = arguments.text(0, "sep").value();
        if (separator.isEmpty()) {
            throw new TemplateException("the chat template splits at an empty separator");
        }
        return separator;
    }

    private static List<Object> words(Text text, long most) {
        List<Object> words = new ArrayList<>();
        String value = text.value();
        int i = 0;
        while (true) {
            while (i < value.length() && Lexer.isSpace(value.charAt(i))) {
                i++;
            }
            if (i == value.length()) {
                return words;
            }
            if (words.size() == most) {
                words.add(TextMethods.strip(text.from(i), Arguments.NONE, false, true));
                return words;
            }
            int start = i;
            while (i < value.length() && !Lexer.isSpace(value.charAt(i))) {
                i++;
            }
            words.add(text.part(start, i));
        }
    }

    static Object partition(Run run, Text text, Arguments arguments) {
        String separator = separator(arguments);
        int found = text.value().indexOf(separator);
        int end = found + separator.length();
        return new Tuple(
                found < 0
                        ? List.of(text, Text.EMPTY, Text.EMPTY)
                        : List.of(text.part(0, found), text.part(found, end), text.from(end)));
    }

    static List<Object> lines(Text text) {
        List<Object> lines = new ArrayList<>();
        String value = text.value();
        int start = 0;
        for (int i = 0; i < value.length(); i++) {
            if ("\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(value.charAt(i)) >= 0) {
                lines.add(text.part(start, i));
                if (value.startsWith("\r\n", i)) {
                    i++;
                }
                start = i + 1;
            }
        }
        if (start < value.length()) {
            lines.add(text.from(start));
        }
        return lines;
    }
}
