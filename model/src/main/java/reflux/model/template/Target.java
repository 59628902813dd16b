// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;

/** What a value is assigned to: {@code a}, {@code a.b} of a namespace, or several. */
record Target(List<Place> places) {
    /** {@code attribute} is empty for a plain name. */
    record Place(String name, String attribute) {
        void assign(Scope scope, Object value) {
            if (attribute.isEmpty()) {
                scope.set(name, value);
            } else if (scope.get(name) instanceof Namespace namespace) {
                namespace.set(attribute, value);
            } else {
                throw new TemplateException(
                        "the chat template sets '" + name + "." + attribute + "', which is of no namespace");
            }
        }
    }

    void assign(Scope scope, Object value) {
        if (places.size() == 1) {
            places.get(0).assign(scope, value);
            return;
        }
        List<Object> values = Values.items(value);
        if (values.size() != places.size()) {
            throw new TemplateException("the chat template assigns " + values.size() + " values to " + places.size());
        }
        for (int i = 0; i < places.size(); i++) {
            places.get(i).assign(scope, values.get(i));
        }
    }
}
