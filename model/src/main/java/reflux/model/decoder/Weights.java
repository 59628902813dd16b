// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;

/** The weights of a decoder by Hugging Face's names. They change when the decoder trains or swaps. */
public final class Weights {
    private final List<TensorInfo> infos;
    private final Map<String, Tensor> tensors;
    private final List<Parameter> parameters;
    private final Function<String, Optional<Tensor>> unpacking;

    Weights(Map<String, Tensor> tensors, List<Parameter> parameters) {
        this(infos(tensors), tensors, parameters, name -> Optional.empty());
    }

    /** @param unpacking makes what is listed but not among the tensors; it is kept then */
    Weights(
            List<TensorInfo> infos,
            Map<String, Tensor> tensors,
            List<Parameter> parameters,
            Function<String, Optional<Tensor>> unpacking) {
        this.infos = List.copyOf(infos);
        this.tensors = new LinkedHashMap<>(tensors);
        this.parameters = List.copyOf(parameters);
        this.unpacking = unpacking;
    }

    static List<TensorInfo> infos(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .map(entry -> TensorInfo.of(
                        entry.getKey(),
                        entry.getValue().type(),
                        Arrays.stream(entry.getValue().shape()).boxed().toList()))
                .toList();
    }

    /** Name, type and shape of each weight, in the order in which files hold them. A tied head is not listed. */
    public List<TensorInfo> infos() {
        return infos;
    }

    /** A weight; of a frozen model a copy may be made, and kept, the first time. */
    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            Tensor unpacked = unpacking.apply(name).orElseThrow(() -> new NoSuchElementException("no weight " + name));
            tensors.put(name, unpacked);
            return unpacked;
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
