// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** Python's methods of strings. */
final class TextMethods {
    /** A method of texts. */
    interface Method {
        Object call(Run run, Text text, Arguments arguments);
    }

    static final Map<String, Method> ALL = Map.ofEntries(
            Map.entry("strip", (run, text, arguments) -> strip(text, arguments, true, true)),
            Map.entry("lstrip", (run, text, arguments) -> strip(text, arguments, true, false)),
            Map.entry("rstrip", (run, text, arguments) -> strip(text, arguments, false, true)),
            Map.entry("upper", respelling(TextMethods::upper)),
            Map.entry("lower", respelling(TextMethods::lower)),
            Map.entry("title", respelling(TextMethods::title)),
            Map.entry("capitalize", respelling(TextMethods::capitalized)),
            Map.entry("startswith", matching(String::startsWith)),
            Map.entry("endswith", matching(String::endsWith)),
            Map.entry("removeprefix", (run, text, arguments) -> withoutPrefix(text, arguments.text(0, "prefix"))),
            Map.entry("removesuffix", (run, text, arguments) -> withoutSuffix(text, arguments.text(0, "suffix"))),
            Map.entry("replace", TextMethods::replace),
            Map.entry(
                    "find",
                    (run, text, arguments) -> index(
                            text, text.value().indexOf(arguments.text(0, "sub").value()))),
            Map.entry(
                    "rfind",
                    (run, text, arguments) -> index(
                            text,
                            text.value().lastIndexOf(arguments.text(0, "sub").value()))),
            Map.entry("count", TextMethods::count),
            Map.entry("join", (run, text, arguments) -> join(run, text, Values.items(arguments.get(0, "iterable")))),
            Map.entry("split", TextSplits::split),
            Map.entry("rsplit", TextSplits::splitFromRight),
            Map.entry("partition", TextSplits::partition),
            Map.entry("splitlines", (run, text, arguments) -> TextSplits.lines(text)),
            Map.entry("isdigit", characters(Character::isDigit)),
            Map.entry("isalpha", characters(Character::isLetter)),
            Map.entry("isalnum", characters(Character::isLetterOrDigit)),
            Map.entry("isspace", characters(Lexer::isSpace)),
            Map.entry("isupper", (run, text, arguments) -> isUpper(text)),
            Map.entry("islower", (run, text, arguments) -> isLower(text)));

    private TextMethods() {}

    private static Method respelling(UnaryOperator<String> spelling) {
        return (run, text, arguments) -> text.respelled(spelling.apply(text.value()));
    }

    private static Method matching(BiPredicate<String, String> match) {
        return (run, text, arguments) -> {
            Object wanted = arguments.get(0, "prefix");
            List<Object> any = wanted instanceof Tuple tuple ? tuple : List.of(wanted);
            return any.stream()
                    .anyMatch(part -> match.test(text.value(), Values.text(part).value()));
        };
    }

    private static Method characters(IntPredicate kind) {
        return (run, text, arguments) ->
                !text.isEmpty() && text.value().codePoints().allMatch(kind);
    }

    static boolean isUpper(Text text) {
        return text.value().equals(upper(text.value())) && !text.value().equals(lower(text.value()));
    }

    static boolean isLower(Text text) {
        return text.value().equals(lower(text.value())) && !text.value().equals(upper(text.value()));
    }

    static String upper(String value) {
        return value.toUpperCase(Locale.ROOT);
    }

    static String lower(String value) {
        return value.toLowerCase(Locale.ROOT);
    }

    static String capitalized(String value) {
        if (value.isEmpty()) {
            return value;
        }
        int first = value.offsetByCodePoints(0, 1);
        return new StringBuilder()
                .appendCodePoint(Character.toTitleCase(value.codePointAt(0)))
                .append(lower(value.substring(first)))
                .toString();
    }

    private static String title(String value) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int c : value.codePoints().toArray()) {
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    static Text strip(Text text, Arguments arguments, boolean left, boolean right) {
        boolean given = arguments.has(0, "chars");
        String characters = given ? arguments.text(0, "chars").value() : "";
        IntPredicate stripped = c -> given ? characters.indexOf(c) >= 0 : Lexer.isSpace(c);
        String value = text.value();
        int start = 0;
        int end = value.length();
        while (left && start < end && stripped.test(value.codePointAt(start))) {
            start += Character.charCount(value.codePointAt(start));
        }
        while (right && end > start && stripped.test(value.codePointBefore(end))) {
            end -= Character.charCount(value.codePointBefore(end));
        }
        return text.part(start, end);
    }

    private static Text withoutPrefix(Text text, Text prefix) {
        return text.value().startsWith(prefix.value()) ? text.from(prefix.length()) : text;
    }

    private static Text withoutSuffix(Text text, Text suffix) {
        return text.value().endsWith(suffix.value()) ? text.part(0, text.length() - suffix.length()) : text;
    }

    private static long index(Text text, int offset) {
        return offset < 0 ? -1 : text.value().codePointCount(0, offset);
    }

    private static Object count(Run run, Text text, Arguments arguments) {
        String part = arguments.text(0, "sub").value();
        if (part.isEmpty()) {
            return text.size() + 1L;
        }
        long count = 0;
        for (int i = text.value().indexOf(part); i >= 0; i = text.value().indexOf(part, i + part.length())) {
            count++;
        }
        return count;
    }

    static Text replace(Run run, Text text, Arguments arguments) {
        String old = arguments.text(0, "old").value();
        Text other = arguments.text(1, "new");
        long most = arguments.number(2, "count", -1);
        TextBuilder out = new TextBuilder(run);
        int start = 0;
        int found = old.isEmpty() ? 0 : text.value().indexOf(old);
        for (long done = 0; found >= 0 && done != most; done++) {
            out.append(text, start, found).append(other);
            start = found + old.length();
            if (!old.isEmpty()) {
                found = text.value().indexOf(old, start);
            } else {
                found = start < text.length() ? text.value().offsetByCodePoints(start, 1) : -1;
            }
        }
        return out.append(text, start, text.length()).text();
    }

    static Text join(Run run, Text separator, List<Object> items) {
        TextBuilder out = new TextBuilder(run);
        for (int i = 0; i < items.size(); i++) {
            out.append(i == 0 ? Text.EMPTY : separator).append(Printing.print(run, items.get(i)));
        }
        return out.text();
    }
}
