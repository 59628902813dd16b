// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** {@code sliding_window} and {@code layer_types} in transformers' names. */
final class LocalAttentionJson {
    private static final String KINDS = "layer_types";
    private static final String SLIDING = "sliding_attention";
    private static final String FULL = "full_attention";

    private LocalAttentionJson() {}

    /**
     * A window that spans the whole context is none. An absent key means transformers' 4096, null means no window.
     *
     * @param otherwise which layers are local where the file has no {@code layer_types}
     */
    static LocalAttention read(JsonFile file, int layers, int contextLength, IntPredicate otherwise) {
        JsonNode kinds = file.node(KINDS);
        boolean isKnown = kinds.size() == layers;
        for (JsonNode kind : kinds) {
            isKnown &= kind.asText().equals(SLIDING) || kind.asText().equals(FULL);
        }
        if (!kinds.isMissingNode() && !isKnown) {
            throw file.fault(KINDS, "must name " + FULL + " or " + SLIDING + " for each of " + layers + " layers");
        }
        IntPredicate isLocal = kinds.isMissingNode()
                ? otherwise
                : layer -> kinds.get(layer).asText().equals(SLIDING);
        List<Integer> local = IntStream.range(0, layers).filter(isLocal).boxed().toList();
        boolean isOff = file.root().has("sliding_window") && !file.has("sliding_window");
        int window = isOff ? contextLength : file.integer("sliding_window", 4096);
        return local.isEmpty() || window >= contextLength ? LocalAttention.NONE : new LocalAttention(window, local);
    }

    static void write(LocalAttention local, int layers, ObjectNode root) {
        root.put("sliding_window", local.window());
        ArrayNode kinds = root.putArray(KINDS);
        for (int layer = 0; layer < layers; layer++) {
            kinds.add(local.isLocal(layer) ? SLIDING : FULL);
        }
    }
}
