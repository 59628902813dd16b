// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The methods of texts, mappings and lists; none of them changes a value. */
final class Methods {
    private Methods() {}

    /** The method of that name, bound to its value. */
    static Optional<Callable> find(Object target, String name) {
        if (target instanceof Text text) {
            return Optional.ofNullable(TextMethods.ALL.get(name)).map(method -> (run, arguments) -> {
                run.charge(Values.readingCost(text));
                return method.call(run, text, arguments);
            });
        }
        if (target instanceof Map<?, ?> map) {
            return ofMap(map, name);
        }
        if (target instanceof List<?> list) {
            return ofList(list, name);
        }
        return Optional.empty();
    }

    private static Optional<Callable> ofMap(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> Optional.of((run, arguments) -> items(run, map));
            case "keys" -> Optional.of((run, arguments) -> new ArrayList<>(map.keySet()));
            case "values" -> Optional.of((run, arguments) -> new ArrayList<>(map.values()));
            case "copy" -> Optional.of((run, arguments) -> new LinkedHashMap<>(map));
            case "get" ->
                Optional.of((run, arguments) -> {
                    Object value = map.get(arguments.get(0, "key"));
                    return value != null ? value : arguments.find(1, "default").orElse(None.NONE);
                });
            default -> Optional.empty();
        };
    }

    static List<Object> items(Run run, Map<?, ?> map) {
        run.charge(map.size());
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(new Tuple(Arrays.asList(key, value))));
        return items;
    }

    private static Optional<Callable> ofList(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                Optional.of((run, arguments) -> {
                    for (int i = 0; i < list.size(); i++) {
                        if (Values.areEqual(run, list.get(i), arguments.get(0, "value"))) {
                            return (long) i;
                        }
                    }
                    throw new TemplateException("the chat template looks for an element that is not in its list");
                });
            case "count" ->
                Optional.of((run, arguments) -> list.stream()
                        .filter(item -> Values.areEqual(run, item, arguments.get(0, "value")))
                        .count());
            case "copy" -> Optional.of((run, arguments) -> new ArrayList<>(list));
            default -> Optional.empty();
        };
    }
}
