// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;

/** The weights of a decoder by Hugging Face's names. They change when the decoder trains or swaps. */
public final class Weights {
    private final Map<String, Tensor> tensors;
    private final List<Parameter> parameters;

    Weights(Map<String, Tensor> tensors, List<Parameter> parameters) {
        this.tensors = new LinkedHashMap<>(tensors);
        this.parameters = List.copyOf(parameters);
    }

    /** Name, type and shape of each weight, in the order in which files hold them. A tied head is not listed. */
    public List<TensorInfo> infos() {
        return tensors.entrySet().stream()
                .map(entry -> TensorInfo.of(
                        entry.getKey(),
                        entry.getValue().type(),
                        java.util.Arrays.stream(entry.getValue().shape())
                                .boxed()
                                .toList()))
                .toList();
    }

    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new NoSuchElementException("no weight " + name);
        }
        return tensor;
    }

    /** What is trained: all weights, or an adapter's under PEFT's names; empty for a frozen decoder. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** An alias of a weight's memory, see {@link Tensor#bytes()}. */
    public ByteBuffer bytes(String name) {
        return get(name).bytes();
    }
}
