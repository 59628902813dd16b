// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;
import java.util.Map;

/** Filters of texts; what is no text is printed first. */
final class TextFilters {
    static final Map<String, Filters.Filter> ALL = Map.of(
            "trim",
            (run, value, given) -> TextMethods.strip(Printing.print(run, value), given, true, true),
            "string",
            (run, value, given) -> Printing.print(run, value),
            "upper",
            method("upper"),
            "lower",
            method("lower"),
            "capitalize",
            method("capitalize"),
            "title",
            (run, value, given) -> title(Printing.print(run, value)),
            "replace",
            method("replace"),
            "indent",
            (run, value, given) -> indent(run, Printing.print(run, value), given));

    private TextFilters() {}

    private static Filters.Filter method(String name) {
        TextMethods.Method method = TextMethods.ALL.get(name);
        if (method == null) {
            throw new IllegalStateException("no method " + name);
        }
        return (run, value, given) -> method.call(run, Printing.print(run, value), given);
    }

    /** Words begin after white space, a hyphen or an opening bracket. */
    private static Text title(Text text) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int c : text.value().codePoints().toArray()) {
            out.append(inWord ? TextMethods.lower(Character.toString(c)) : TextMethods.upper(Character.toString(c)));
            inWord = !(Lexer.isSpace(c) || "-({[<".indexOf(c) >= 0);
        }
        return text.respelled(out.toString());
    }

    private static Text indent(Run run, Text text, Arguments given) {
        Text margin = given.find(0, "width").filter(Text.class::isInstance).isPresent()
                ? given.text(0, "width")
                : Text.of(" ".repeat((int) Math.max(0, Math.min(100, given.number(0, "width", 4)))));
        TextBuilder out = new TextBuilder(run);
        out.append(given.isTrue(1, "first") ? margin : Text.EMPTY);
        List<Object> lines =
                TextSplits.lines(new TextBuilder(run).append(text).append("\n").text());
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            if (i > 0) {
                out.append("\n").append(line.isEmpty() && !given.isTrue(2, "blank") ? Text.EMPTY : margin);
            }
            out.append(line);
        }
        return out.text();
    }
}
