// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Filters of lists and mappings. */
final class ListFilters {
    static final Map<String, Filters.Filter> ALL = Map.ofEntries(
            Map.entry("length", ListFilters::length),
            Map.entry("count", ListFilters::length),
            Map.entry("list", (run, value, given) -> new ArrayList<>(items(run, value))),
            Map.entry("first", (run, value, given) -> end(items(run, value), true)),
            Map.entry("last", (run, value, given) -> end(items(run, value), false)),
            Map.entry("reverse", ListFilters::reverse),
            Map.entry("join", ListFilters::join),
            Map.entry("items", (run, value, given) -> entries(run, value)),
            Map.entry("dictsort", ListFilters::sortEntries),
            Map.entry("map", ListFilters::map),
            Map.entry("select", (run, value, given) -> choose(run, value, given, false, true)),
            Map.entry("reject", (run, value, given) -> choose(run, value, given, false, false)),
            Map.entry("selectattr", (run, value, given) -> choose(run, value, given, true, true)),
            Map.entry("rejectattr", (run, value, given) -> choose(run, value, given, true, false)),
            Map.entry("sort", ListFilters::sort),
            Map.entry("unique", ListFilters::unique),
            Map.entry("sum", ListFilters::sum),
            Map.entry("min", (run, value, given) -> extreme(run, value, given, 1)),
            Map.entry("max", (run, value, given) -> extreme(run, value, given, -1)));

    private ListFilters() {}

    private static List<Object> items(Run run, Object value) {
        List<Object> items = Values.items(value);
        run.charge(items.size());
        return items;
    }

    private static Object length(Run run, Object value, Arguments given) {
        return value instanceof Text text
                ? (long) text.size()
                : (long) items(run, value).size();
    }

    private static Object end(List<Object> items, boolean first) {
        return items.isEmpty() ? new Undefined("an element of nothing") : items.get(first ? 0 : items.size() - 1);
    }

    private static Object reverse(Run run, Object value, Arguments given) {
        List<Object> items = new ArrayList<>(items(run, value));
        Collections.reverse(items);
        return value instanceof Text ? TextMethods.join(run, Text.EMPTY, items) : items;
    }

    /** What the argument {@code attribute}, with dots between names, picks of an element. */
    private static UnaryOperator<Object> picker(Run run, Object path) {
        if (!(path instanceof Text names)) {
            return item -> Operators.item(run, item, path);
        }
        return item -> {
            Object value = item;
            for (String name : names.value().split("\\.", -1)) {
                value = Operators.item(run, value, Text.of(name));
            }
            return value;
        };
    }

    private static UnaryOperator<Object> picker(Run run, Arguments given, int index) {
        return given.has(index, "attribute") ? picker(run, given.get(index, "attribute")) : item -> item;
    }

    private static Object join(Run run, Object value, Arguments given) {
        UnaryOperator<Object> picked = picker(run, given, 1);
        Text separator = given.find(0, "d").map(Values::text).orElse(Text.EMPTY);
        return TextMethods.join(
                run, separator, items(run, value).stream().map(picked).toList());
    }

    private static List<Object> entries(Run run, Object value) {
        if (value instanceof Undefined) {
            return List.of();
        }
        if (value instanceof Map<?, ?> map) {
            return Methods.items(run, map);
        }
        throw new TemplateException("the chat template needs a mapping, has a " + Values.typeName(value));
    }

    private static Object sortEntries(Run run, Object value, Arguments given) {
        List<Object> entries = new ArrayList<>(entries(run, value));
        int part = given.has(1, "by") && given.text(1, "by").value().equals("value") ? 1 : 0;
        boolean exact = given.isTrue(0, "case_sensitive");
        entries.sort(ordered(run, entry -> ((Tuple) entry).get(part), exact, given.isTrue(2, "reverse")));
        return entries;
    }

    private static Comparator<Object> ordered(Run run, UnaryOperator<Object> picked, boolean exact, boolean reverse) {
        Comparator<Object> order = (a, b) -> {
            Object first = picked.apply(a);
            Object second = picked.apply(b);
            run.charge(1 + Values.readingCost(first) + Values.readingCost(second));
            return Operators.order(folded(first, exact), folded(second, exact));
        };
        return reverse ? order.reversed() : order;
    }

    private static Object folded(Object value, boolean exact) {
        return value instanceof Text text && !exact ? text.respelled(TextMethods.lower(text.value())) : value;
    }

    private static Object map(Run run, Object value, Arguments given) {
        List<Object> mapped = new ArrayList<>();
        for (Object item : items(run, value)) {
            if (given.positional().isEmpty()) {
                Object picked = picker(run, given.get(0, "attribute")).apply(item);
                mapped.add(
                        picked instanceof Undefined ? given.find(1, "default").orElse(picked) : picked);
            } else {
                mapped.add(Filters.apply(run, given.text(0, "filter").value(), item, given.after(1)));
            }
        }
        return mapped;
    }

    private static Object choose(Run run, Object value, Arguments given, boolean byAttribute, boolean wanted) {
        UnaryOperator<Object> picked = byAttribute ? picker(run, given.get(0, "attribute")) : item -> item;
        List<Object> test = given.after(byAttribute ? 1 : 0).positional();
        List<Object> chosen = new ArrayList<>();
        for (Object item : items(run, value)) {
            Object tested = picked.apply(item);
            boolean holds = test.isEmpty()
                    ? Values.isTrue(tested)
                    : Tests.holds(run, Values.text(test.get(0)).value(), tested, test.subList(1, test.size()));
            if (holds == wanted) {
                chosen.add(item);
            }
        }
        return chosen;
    }

    private static Object sort(Run run, Object value, Arguments given) {
        List<Object> items = new ArrayList<>(items(run, value));
        items.sort(ordered(run, picker(run, given, 2), given.isTrue(1, "case_sensitive"), given.isTrue(0, "reverse")));
        return items;
    }

    private static Object unique(Run run, Object value, Arguments given) {
        UnaryOperator<Object> picked = picker(run, given, 1);
        boolean exact = given.isTrue(0, "case_sensitive");
        List<Object> seen = new ArrayList<>();
        List<Object> unique = new ArrayList<>();
        for (Object item : items(run, value)) {
            Object key = folded(picked.apply(item), exact);
            run.charge(seen.size());
            if (seen.stream().noneMatch(other -> Values.areEqual(run, other, key))) {
                seen.add(key);
                unique.add(item);
            }
        }
        return unique;
    }

    private static Object sum(Run run, Object value, Arguments given) {
        UnaryOperator<Object> picked = picker(run, given, 0);
        Object sum = given.find(1, "start").orElse(0L);
        for (Object item : items(run, value)) {
            sum = Operators.arithmetic(run, "+", sum, picked.apply(item));
        }
        return sum;
    }

    private static Object extreme(Run run, Object value, Arguments given, int sign) {
        Comparator<Object> order = ordered(run, picker(run, given, 1), given.isTrue(0, "case_sensitive"), false);
        return items(run, value).stream()
                .min((a, b) -> sign * order.compare(a, b))
                .orElseGet(() -> new Undefined("the extreme of nothing"));
    }
}
