// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.HashMap;
import java.util.Map;

/** Jinja's namespace: what an inner scope may change. */
final class Namespace {
    private final Map<String, Object> values = new HashMap<>();

    void set(String name, Object value) {
        values.put(name, value);
    }

    Object get(String name) {
        Object value = values.get(name);
        return value == null ? new Undefined("namespace attribute '" + name + "'") : value;
    }
}
