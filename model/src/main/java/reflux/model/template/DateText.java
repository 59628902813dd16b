// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** C's {@code strftime}, in English. */
final class DateText {
    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('Y', "uuuu"),
            Map.entry('y', "uu"),
            Map.entry('m', "MM"),
            Map.entry('d', "dd"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('p', "a"),
            Map.entry('j', "DDD"),
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('b', "LLL"),
            Map.entry('B', "LLLL"),
            Map.entry('F', "uuuu-MM-dd"),
            Map.entry('T', "HH:mm:ss"));

    private DateText() {}

    static Text of(Clock clock, Text format) {
        ZonedDateTime now = ZonedDateTime.now(clock);
        String pattern = format.value();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%' || i + 1 == pattern.length()) {
                out.append(c);
                continue;
            }
            c = pattern.charAt(++i);
            boolean unpadded = c == '-' && i + 1 < pattern.length();
            c = unpadded ? pattern.charAt(++i) : c;
            String field = field(now, c);
            out.append(unpadded ? field.replaceFirst("^0+(?=.)", "") : field);
        }
        return format.respelled(out.toString());
    }

    private static String field(ZonedDateTime now, char c) {
        if (c == '%') {
            return "%";
        }
        String pattern = PATTERNS.get(c);
        if (pattern == null) {
            throw new TemplateException(
                    "strftime_now of the chat template has the field %" + c + ", which is not known");
        }
        return now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }
}
