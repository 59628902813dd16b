// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Settings of an objective that differ from the defaults in a few keys. */
public final class TestSettings {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TestSettings() {}

    /** @param keys and values in turn, keys as in files */
    public static ObjectiveSettings with(Object... keys) {
        ObjectNode tree = JSON.valueToTree(ObjectiveSettings.defaults());
        for (int i = 0; i < keys.length; i += 2) {
            String key = (String) keys[i];
            if (!tree.has(key)) {
                throw new IllegalArgumentException("no key " + key);
            }
            tree.set(key, JSON.valueToTree(keys[i + 1]));
        }
        try {
            return JSON.treeToValue(tree, ObjectiveSettings.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
