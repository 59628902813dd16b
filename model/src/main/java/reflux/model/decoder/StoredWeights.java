// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
    /** Small beside a model, so that a conversion needs no memory to speak of; a decoder may step between two pieces. */
    private static final long PIECE_BYTES = 4 << 20;

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
     * Reads all.
     *
     * @throws IllegalArgumentException naming tensors that are missing, unexpected, wrong-shaped or of a wrong type
     */
    Map<String, Tensor> read(Scope owner, Script script, DataType type) {
        Reading reading = begin(owner, script, type);
        while (!reading.next()) {
            continue;
        }
        return reading.tensors();
    }

    /** The same piece by piece. */
    Reading begin(Scope owner, Script script, DataType type) {
        return begin(owner, script, type, Set.of());
    }

    /**
     * The same piece by piece.
     *
     * @param lent weights that stay in the source's memory where nothing about them has to be changed
     */
    Reading begin(Scope owner, Script script, DataType type, Set<String> lent) {
        return new Reading(owner, script, type, match(), lent);
    }

    /** Reading in pieces of whole rows, so that no size limit holds. */
    final class Reading implements WeightSet.Loading {
        private final Scope owner;
        private final Script script;
        private final DataType type;
        private final Iterator<Map.Entry<WeightSpec, TensorInfo>> left;
        private final Map<String, Tensor> tensors = new LinkedHashMap<>();
        private final Set<String> lent;
        private @Nullable Target target;

        private Reading(
                Scope owner, Script script, DataType type, Map<WeightSpec, TensorInfo> stored, Set<String> lent) {
            this.owner = owner;
            this.script = script;
            this.type = type;
            this.left = stored.entrySet().iterator();
            this.lent = lent;
        }

        /** Reads a piece; true when there is nothing left. */
        @Override
        public boolean next() {
            Target open = target;
            if (open == null) {
                if (!left.hasNext()) {
                    return true;
                }
                Map.Entry<WeightSpec, TensorInfo> next = left.next();
                if (isLent(next)) {
                    tensors.put(next.getKey().name(), over(next.getValue()));
                    return !left.hasNext();
                }
                open = open(next);
                target = open;
            }
            long rows = Math.min(Math.max(1, PIECE_BYTES / open.rowBytes), open.rows() - open.row);
            copy(open, rows);
            open.row += rows;
            if (open.row == open.rows()) {
                tensors.put(open.name, open.memory);
                target = null;
            }
            return target == null && !left.hasNext();
        }

        @Override
        public Map<String, Tensor> tensors() {
            return tensors;
        }

        private boolean isLent(Map.Entry<WeightSpec, TensorInfo> next) {
            TensorInfo info = next.getValue();
            return adapter.isEmpty()
                    && lent.contains(next.getKey().name())
                    && info.type() == type
                    && info.bytes() <= Integer.MAX_VALUE;
        }

        private Tensor over(TensorInfo info) {
            return owner.over(info.type(), source.bytes(info.name()), shape(info));
        }

        private Target open(Map.Entry<WeightSpec, TensorInfo> next) {
            TensorInfo info = next.getValue();
            long[] shape = shape(info);
            return new Target(next.getKey().name(), info, owner.empty(type, shape), shape);
        }

        private void copy(Target open, long rows) {
            long[] piece = open.shape.clone();
            piece[0] = rows;
            try (Scope scope = owner.child()) {
                long offset = open.row * open.rowBytes;
                Tensor read = scope.filled(open.info.type(), to -> source.read(open.info.name(), offset, to), piece);
                put(script, open.name, open.memory, open.row, read);
            }
        }
    }

    /** A tensor of which some rows have been read. */
    private static final class Target {
        private final String name;
        private final TensorInfo info;
        private final Tensor memory;
        private final long[] shape;
        private final long rowBytes;
        private long row;

        Target(String name, TensorInfo info, Tensor memory, long[] shape) {
            this.name = name;
            this.info = info;
            this.memory = memory;
            this.shape = shape;
            this.rowBytes = info.bytes() / shape[0];
        }

        long rows() {
            return shape[0];
        }
    }

    private static long[] shape(TensorInfo info) {
        return info.shape().stream().mapToLong(Long::longValue).toArray();
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

    private void put(Script script, String name, Tensor target, long first, Tensor rows) {
        if (adapter.isPresent()) {
            adapter.get().putRows(script, name, target, first, rows);
        } else {
            script.run("put_rows", target, first, rows);
        }
    }
}
