// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Reads the weights of a family, whatever their stored precision, and refuses what does not fit, by name. */
final class StoredWeights {
    static final Set<DataType> REAL = Set.of(DataType.F64, DataType.F32, DataType.F16, DataType.BF16);
    private static final Set<String> HEADS = Set.of("lm_head.weight", "embed_out.weight");
    private static final long CHUNK_BYTES = 64 << 20;

    private final Family family;
    private final TensorSource source;
    private final Optional<Adapter> adapter;

    StoredWeights(Family family, TensorSource source) {
        this(family, source, Optional.empty());
    }

    /** @param adapter folded into what is read */
    StoredWeights(Family family, TensorSource source, Optional<Adapter> adapter) {
        this.family = family;
        this.source = source;
        this.adapter = adapter;
    }

    /**
     * @throws IllegalArgumentException naming tensors that are missing, unexpected, wrong-shaped or of a wrong type
     */
    Map<String, Tensor> read(Scope owner, Script script, DataType type) {
        Map<WeightSpec, TensorInfo> stored = match();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        stored.forEach((spec, info) -> tensors.put(spec.name(), read(owner, script, type, spec.name(), info)));
        return tensors;
    }

    private Map<WeightSpec, TensorInfo> match() {
        Map<WeightSpec, TensorInfo> stored = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        Set<String> used = new HashSet<>();
        for (WeightSpec spec : family.weights()) {
            String name = storedName(spec.name());
            if (!source.has(name)) {
                problems.add(spec.name() + " is missing");
                continue;
            }
            TensorInfo info = source.info(name);
            if (!info.shape().equals(spec.shape())) {
                problems.add(name + " has shape " + info.shape() + ", expected " + spec.shape());
            } else if (!REAL.contains(info.type())) {
                problems.add(name + " has type " + info.type());
            }
            used.add(name);
            stored.put(spec, info);
        }
        source.tensors().stream()
                .map(TensorInfo::name)
                .filter(name -> !used.contains(name) && !isIgnored(name))
                .forEach(name -> problems.add(name + " is not part of this model"));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "weights do not fit a " + family.config().family() + " model: "
                            + String.join("; ", problems.subList(0, Math.min(10, problems.size())))
                            + (problems.size() > 10 ? "; and " + (problems.size() - 10) + " more" : ""));
        }
        return stored;
    }

    private String storedName(String name) {
        if (source.has(name) || !name.startsWith(family.prefix())) {
            return name;
        }
        return name.substring(family.prefix().length());
    }

    /** Buffers, and the copy of a tied head that some files carry. */
    private boolean isIgnored(String name) {
        String bare = name.startsWith(family.prefix())
                ? name.substring(family.prefix().length())
                : name;
        return family.isBuffer(bare) || (family.config().tiedHead() && HEADS.contains(name));
    }

    /** In pieces of whole rows, so that a conversion needs little extra memory and no size limit holds. */
    private Tensor read(Scope owner, Script script, DataType type, String name, TensorInfo info) {
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor target = owner.empty(type, shape);
        long rowBytes = info.bytes() / shape[0];
        long rowsAtOnce = Math.max(1, CHUNK_BYTES / rowBytes);
        for (long row = 0; row < shape[0]; row += rowsAtOnce) {
            long[] piece = shape.clone();
            piece[0] = Math.min(rowsAtOnce, shape[0] - row);
            int length = Math.toIntExact(piece[0] * rowBytes);
            try (Scope scope = owner.child()) {
                Tensor rows = scope.copyOf(info.type(), source.bytes(info.name(), row * rowBytes, length), piece);
                put(script, name, target, row, rows);
            }
        }
        return target;
    }

    private void put(Script script, String name, Tensor target, long first, Tensor rows) {
        if (adapter.isPresent()) {
            adapter.get().putRows(script, name, target, first, rows);
        } else {
            script.run("put_rows", target, first, rows);
        }
    }
}
