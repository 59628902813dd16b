// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** Filters of numbers. */
final class NumberFilters {
    static final Map<String, Filters.Filter> ALL = Map.of(
            "int", NumberFilters::whole,
            "float", NumberFilters::decimal,
            "abs", NumberFilters::absolute,
            "round", NumberFilters::round);

    private NumberFilters() {}

    private static Object whole(Run run, Object value, Arguments arguments) {
        Object otherwise = arguments.find(0, "default").orElse(0L);
        if (value instanceof Double number) {
            return number.isNaN() ? otherwise : (Object) number.longValue();
        }
        if (value instanceof Text text) {
            try {
                return (long) Double.parseDouble(text.value().strip().replace("_", ""));
            } catch (NumberFormatException e) {
                return otherwise;
            }
        }
        return Values.isNumeric(value) ? Values.integer(value) : otherwise;
    }

    private static Object decimal(Run run, Object value, Arguments arguments) {
        Object otherwise = arguments.find(0, "default").orElse(0.0);
        if (value instanceof Text text) {
            try {
                return Double.valueOf(text.value().strip());
            } catch (NumberFormatException e) {
                return otherwise;
            }
        }
        return Values.isNumeric(value) ? Values.number(value) : otherwise;
    }

    private static Object absolute(Run run, Object value, Arguments arguments) {
        return value instanceof Double number ? (Object) Math.abs(number) : (Object) Math.abs(Values.integer(value));
    }

    private static Object round(Run run, Object value, Arguments arguments) {
        int precision = (int) Math.max(-300, Math.min(300, arguments.number(0, "precision", 0)));
        RoundingMode mode =
                switch (arguments.has(1, "method") ? arguments.text(1, "method").value() : "common") {
                    case "ceil" -> RoundingMode.CEILING;
                    case "floor" -> RoundingMode.FLOOR;
                    default -> RoundingMode.HALF_EVEN;
                };
        return new BigDecimal(Values.number(value)).setScale(precision, mode).doubleValue();
    }
}
