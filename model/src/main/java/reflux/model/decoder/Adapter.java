// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.hf.LoraConfig;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** The tensors of a LoRA adapter under PEFT's names; whoever gave the scope owns them. Confined to its engine thread. */
final class Adapter {
    private final Family family;
    private final LoraConfig config;
    private final List<LinearModule> modules;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private Adapter(Family family, LoraConfig config) {
        this.family = family;
        this.config = config;
        this.modules = LinearModule.targeted(family, config.targetModules());
    }

    /** A as PEFT begins it, uniform in ±1/√in (Kaiming with a = √5); B zero, so that the model is the base's. */
    static Adapter fresh(Engine engine, Scope owner, Family family, LoraConfig config, DataType type, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Adapter adapter = new Adapter(family, config);
        for (LinearModule module : adapter.modules) {
            double bound = 1 / Math.sqrt(module.inputs());
            long count = Math.multiplyExact(config.rank(), module.inputs());
            double[] a = random.split().doubles(count, -bound, bound).toArray();
            adapter.tensors.put(module.nameOfA(), tensor(engine, owner, type, a, config.rank(), module.inputs()));
            adapter.tensors.put(module.nameOfB(), owner.zeros(type, module.outputs(), config.rank()));
        }
        return adapter;
    }

    private static Tensor tensor(Engine engine, Scope owner, DataType type, double[] values, long... shape) {
        try (Scope scope = owner.child()) {
            return engine.convert(owner, scope.doubles(values, shape), type);
        }
    }

    /**
     * Reads stored tensors.
     *
     * @throws IllegalArgumentException naming what is missing, does not fit or belongs to no target module
     */
    static Adapter read(
            Engine engine, Scope owner, Family family, LoraConfig config, TensorSource source, DataType type) {
        Adapter adapter = new Adapter(family, config);
        for (TensorInfo expected : layout(family, config)) {
            check(expected, source);
            long[] shape = {expected.shape().get(0), expected.shape().get(1)};
            try (Scope scope = owner.child()) {
                DataType stored = source.info(expected.name()).type();
                Tensor tensor = scope.copyOf(stored, source.bytes(expected.name()), shape);
                adapter.tensors.put(expected.name(), engine.convert(owner, tensor, type));
            }
        }
        for (TensorInfo info : source.tensors()) {
            if (!adapter.tensors.containsKey(info.name())) {
                throw new IllegalArgumentException(
                        "adapter tensor " + info.name() + " belongs to no target module of " + config.targetModules());
            }
        }
        return adapter;
    }

    private static void check(TensorInfo expected, TensorSource source) {
        if (!source.has(expected.name())) {
            throw new IllegalArgumentException("the adapter lacks " + expected.name());
        }
        TensorInfo info = source.info(expected.name());
        if (!info.shape().equals(expected.shape())) {
            throw new IllegalArgumentException(
                    "adapter tensor " + info.name() + " has shape " + info.shape() + ", expected " + expected.shape());
        }
        if (!StoredWeights.REAL.contains(info.type())) {
            throw new IllegalArgumentException("adapter tensor " + info.name() + " has type " + info.type());
        }
    }

    /** What a publisher must send for these targets. */
    static List<TensorInfo> layout(Family family, LoraConfig config) {
        List<TensorInfo> layout = new ArrayList<>();
        for (LinearModule module : LinearModule.targeted(family, config.targetModules())) {
            layout.add(TensorInfo.of(module.nameOfA(), DataType.F32, List.of((long) config.rank(), module.inputs())));
            layout.add(TensorInfo.of(module.nameOfB(), DataType.F32, List.of(module.outputs(), (long) config.rank())));
        }
        return layout;
    }

    LoraConfig config() {
        return config;
    }

    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** What stands behind a script's n weights: see decoder.py. */
    List<Tensor> arguments(Scope owner, int n, Tensor none) {
        Tensor[] arguments = new Tensor[2 * n + 2];
        Arrays.fill(arguments, none);
        for (LinearModule module : modules) {
            arguments[2 * module.argument()] = get(module.nameOfA());
            arguments[2 * module.argument() + 1] = get(module.nameOfB());
        }
        arguments[2 * n] = owner.doubles(new double[] {config.scale()});
        arguments[2 * n + 1] = owner.doubles(new double[] {config.dropout()});
        return List.of(arguments);
    }

    /** Writes W + scale · B·A (of GPT-2 its transpose) over whole rows of a matrix; those of other weights are only converted. */
    void putRows(Script script, String weight, Tensor target, long first, Tensor rows) {
        Optional<LinearModule> module = moduleOf(weight);
        if (module.isEmpty()) {
            script.run("put_rows", target, first, rows);
            return;
        }
        int transposed = family.isTransposed() ? 1 : 0;
        Tensor a = get(module.get().nameOfA());
        Tensor b = get(module.get().nameOfB());
        script.run("merge_rows", target, first, rows, a, b, config.scale(), transposed);
    }

    /** The module whose matrix has this name, if it is adapted. */
    Optional<LinearModule> moduleOf(String weight) {
        return modules.stream()
                .filter(module -> module.weightName().equals(weight))
                .findFirst();
    }

    private Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("no adapter tensor " + name);
        }
        return tensor;
    }
}
