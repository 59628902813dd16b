// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Python's operators and subscripts. */
final class Operators {
    private Operators() {}

    static Object arithmetic(Run run, String operator, Object a, Object b) {
        if (a instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (operator.equals("+") && a instanceof Text x && b instanceof Text y) {
            return new TextBuilder(run).append(x).append(y).text();
        }
        if (operator.equals("*") && a instanceof Text x && b instanceof Long count) {
            return repeat(run, x, count);
        }
        if (operator.equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
            run.charge((long) x.size() + y.size());
            List<Object> both = new ArrayList<>(x);
            both.addAll(y);
            return a instanceof Tuple ? new Tuple(both) : both;
        }
        if (a instanceof Double || b instanceof Double || operator.equals("/")) {
            return ofDoubles(operator, Values.number(a), Values.number(b));
        }
        return ofLongs(operator, Values.integer(a), Values.integer(b));
    }

    private static Text repeat(Run run, Text text, long count) {
        long times = Math.max(0, Math.min(count, 1L << 30));
        run.checkLength(text.length() * times);
        run.charge(text.length() * times / 8);
        return text.isEmpty() ? text : text.repeated((int) times);
    }

    private static Object ofDoubles(String operator, double x, double y) {
        if (y == 0 && !operator.equals("+") && !operator.equals("-") && !operator.equals("*")) {
            throw new TemplateException("the chat template divides by zero");
        }
        return switch (operator) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "/" -> x / y;
            case "//" -> Math.floor(x / y);
            case "**" -> Math.pow(x, y);
            default -> x - Math.floor(x / y) * y;
        };
    }

    private static Object ofLongs(String operator, long x, long y) {
        try {
            return switch (operator) {
                case "+" -> Math.addExact(x, y);
                case "-" -> Math.subtractExact(x, y);
                case "*" -> Math.multiplyExact(x, y);
                case "//" -> Math.floorDiv(x, y);
                case "**" -> power(x, y);
                default -> Math.floorMod(x, y);
            };
        } catch (ArithmeticException e) {
            throw new TemplateException("the chat template's " + x + " " + operator + " " + y + " has no 64-bit value");
        }
    }

    private static Object power(long x, long y) {
        if (y < 0) {
            return Math.pow(x, y);
        }
        if (y > 64 && Math.abs(x) > 1) {
            throw new ArithmeticException("too large");
        }
        long value = 1;
        for (long i = 0; i < (Math.abs(x) > 1 ? y : y % 2 + (x == 0 && y > 0 ? 2 : 0)); i++) {
            value = Math.multiplyExact(value, x);
        }
        return value;
    }

    static boolean compare(Run run, String operator, Object a, Object b) {
        run.charge(Values.readingCost(a) + Values.readingCost(b));
        return switch (operator) {
            case "==" -> Values.areEqual(run, a, b);
            case "!=" -> !Values.areEqual(run, a, b);
            case "in" -> contains(run, b, a);
            case "not in" -> !contains(run, b, a);
            case "<" -> order(a, b) < 0;
            case "<=" -> order(a, b) <= 0;
            case ">" -> order(a, b) > 0;
            default -> order(a, b) >= 0;
        };
    }

    /** Texts by code points, numbers by value. */
    static int order(Object a, Object b) {
        if (a instanceof Text x && b instanceof Text y) {
            return Arrays.compare(
                    x.value().codePoints().toArray(), y.value().codePoints().toArray());
        }
        return Double.compare(Values.number(a), Values.number(b));
    }

    static boolean contains(Run run, Object container, Object item) {
        if (container instanceof Text text) {
            return text.value().contains(Values.text(item).value());
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(item);
        }
        return Values.items(container).stream().anyMatch(element -> Values.areEqual(run, element, item));
    }

    static Object attribute(Object target, String name) {
        if (target instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (target instanceof Namespace namespace) {
            return namespace.get(name);
        }
        if (target instanceof Loop loop) {
            return loop.attribute(name);
        }
        return Methods.find(target, name)
                .map(Object.class::cast)
                .orElseGet(() -> target instanceof Map<?, ?> map ? entry(map, Text.of(name)) : missing(name));
    }

    static Object item(Run run, Object target, Object key) {
        run.charge(target instanceof Text ? Values.readingCost(target) : 0);
        if (target instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (target instanceof Map<?, ?> map && map.containsKey(key)) {
            return entry(map, key);
        }
        if (key instanceof Text name) {
            return attribute(target, name.value());
        }
        if (isNumber(key) && (target instanceof Text || target instanceof List)) {
            long size = target instanceof Text text ? text.size() : ((List<?>) target).size();
            long index = (long) key < 0 ? (long) key + size : (long) key;
            if (index >= 0 && index < size) {
                return target instanceof Text text ? text.at((int) index) : ((List<?>) target).get((int) index);
            }
        }
        return missing(String.valueOf(key));
    }

    private static boolean isNumber(Object key) {
        return key instanceof Long;
    }

    static Object entry(Map<?, ?> map, Object key) {
        Object value = map.get(key);
        return value == null ? missing(String.valueOf(key)) : value;
    }

    private static Undefined missing(String name) {
        return new Undefined("'" + name + "'");
    }

    static Object slice(Run run, Object target, Object start, Object end, Object stride) {
        if (target instanceof Undefined undefined) {
            throw undefined.failure();
        }
        long step = stride == None.NONE ? 1 : Values.integer(stride);
        if (step == 0) {
            throw new TemplateException("a slice of the chat template has a step of zero");
        }
        run.charge(target instanceof Text text ? text.length() : Values.readingCost(target));
        List<Object> items = Values.items(target);
        int size = items.size();
        long first = bound(start, size, step, step > 0 ? 0 : size - 1L);
        long last = bound(end, size, step, step > 0 ? size : -1);
        List<Object> chosen = new ArrayList<>();
        for (long i = first; step > 0 ? i < last : i > last; i += step) {
            chosen.add(items.get((int) i));
        }
        if (target instanceof Text) {
            TextBuilder text = new TextBuilder(run);
            chosen.forEach(character -> text.append((Text) character));
            return text.text();
        }
        return target instanceof Tuple ? new Tuple(chosen) : chosen;
    }

    private static long bound(Object given, int size, long step, long otherwise) {
        if (given == None.NONE) {
            return otherwise;
        }
        long index = Values.integer(given);
        index = index < 0 ? index + size : index;
        long lowest = step > 0 ? 0 : -1;
        return Math.max(lowest, Math.min(index, step > 0 ? size : size - 1L));
    }
}
