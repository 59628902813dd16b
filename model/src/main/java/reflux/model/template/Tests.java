// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;
import java.util.Map;

/** What may follow {@code is}. */
final class Tests {
    private Tests() {}

    static boolean holds(Run run, String test, Object value, List<Object> given) {
        run.charge(Values.readingCost(value));
        return switch (test) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "string" -> value instanceof Text;
            case "mapping" -> value instanceof Map;
            case "sequence", "iterable" ->
                value instanceof Text || value instanceof List || value instanceof Map || value instanceof Undefined;
            case "number" -> Values.isNumeric(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> value.equals(true);
            case "false" -> value.equals(false);
            case "callable" -> value instanceof Callable;
            case "odd" -> Math.floorMod(Values.integer(value), 2) == 1;
            case "even" -> Math.floorMod(Values.integer(value), 2) == 0;
            case "divisibleby" -> isDivisible(Values.integer(value), Values.integer(first(test, given)));
            case "lower" -> TextMethods.isLower(Values.text(value));
            case "upper" -> TextMethods.isUpper(Values.text(value));
            default -> Operators.compare(run, operator(test), value, first(test, given));
        };
    }

    private static Object first(String test, List<Object> given) {
        if (given.isEmpty()) {
            throw new TemplateException("the chat template's test '" + test + "' lacks an argument");
        }
        return given.get(0);
    }

    private static boolean isDivisible(long value, long by) {
        if (by == 0) {
            throw new TemplateException("the chat template divides by zero");
        }
        return value % by == 0;
    }

    private static String operator(String test) {
        return switch (test) {
            case "eq", "equalto", "==", "sameas" -> "==";
            case "ne", "!=" -> "!=";
            case "lt", "lessthan", "<" -> "<";
            case "le", "<=" -> "<=";
            case "gt", "greaterthan", ">" -> ">";
            case "ge", ">=" -> ">=";
            case "in" -> "in";
            default ->
                throw new TemplateException("the chat template uses the test '" + test + "', which is not known");
        };
    }
}
