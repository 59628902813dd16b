// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.HashMap;
import java.util.Map;

/** What may follow a bar. */
final class Filters {
    /** A filter. */
    interface Filter {
        Object apply(Run run, Object value, Arguments arguments);
    }

    private static final Map<String, Filter> ALL = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> filters = new HashMap<>(TextFilters.ALL);
        filters.putAll(ListFilters.ALL);
        filters.putAll(NumberFilters.ALL);
        filters.put("default", Filters::orDefault);
        filters.put("d", Filters::orDefault);
        filters.put("tojson", JsonText::write);
        filters.put("safe", (run, value, arguments) -> value);
        return filters;
    }

    static Object apply(Run run, String name, Object value, Arguments arguments) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new TemplateException("the chat template uses the filter '" + name + "', which is not known");
        }
        run.charge(Values.readingCost(value));
        return filter.apply(run, value, arguments);
    }

    private static Object orDefault(Run run, Object value, Arguments arguments) {
        boolean absent = value instanceof Undefined || (arguments.isTrue(1, "boolean") && !Values.isTrue(value));
        return absent ? arguments.find(0, "default_value").orElse(Text.EMPTY) : value;
    }
}
