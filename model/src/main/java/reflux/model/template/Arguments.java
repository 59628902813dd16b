// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Of one call. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** By place or else by name. */
    Optional<Object> find(int index, String name) {
        return index < positional.size() ? Optional.of(positional.get(index)) : Optional.ofNullable(named.get(name));
    }

    Object get(int index, String name) {
        return find(index, name)
                .orElseThrow(() -> new TemplateException("a call in the chat template lacks '" + name + "'"));
    }

    Text text(int index, String name) {
        return Values.text(get(index, name));
    }

    boolean isTrue(int index, String name) {
        return find(index, name).map(Values::isTrue).orElse(false);
    }

    /** Whether the value is given and not None. */
    boolean has(int index, String name) {
        return find(index, name).filter(value -> value != None.NONE).isPresent();
    }

    long number(int index, String name, long otherwise) {
        return has(index, name) ? Values.integer(get(index, name)) : otherwise;
    }

    /** Without the first so many positional ones. */
    Arguments after(int count) {
        return new Arguments(positional.subList(Math.min(count, positional.size()), positional.size()), named);
    }
}
