// SPDX-License-Identifier: Apache-2.0
package reflux.model.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.engine.TensorList;
import reflux.model.safetensors.TensorSource;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), by torch's fused kernel, in place. Owns two tensors
 * of state for each parameter. Confined to its engine thread.
 */
public final class AdamW implements AutoCloseable {
    private record Group(
            ParameterGroup settings,
            TensorList values,
            TensorList gradients,
            TensorList firstMoments,
            TensorList secondMoments,
            TensorList counters) {
        List<TensorList> lists() {
            return List.of(values, gradients, firstMoments, secondMoments, counters);
        }
    }

    private final Engine engine;
    private final Scope scope;
    private final Script script;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final List<Group> groups = new ArrayList<>();
    private final TensorList allGradients;
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private long steps;

    public AdamW(Engine engine, List<ParameterGroup> groups, double beta1, double beta2, double epsilon) {
        this.engine = engine;
        this.scope = engine.scope().child();
        this.script = Script.load(engine, AdamW.class, "adamw.py");
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        List<Tensor> gradients = new ArrayList<>();
        for (ParameterGroup group : groups) {
            if (!group.parameters().isEmpty()) {
                this.groups.add(prepare(group));
                group.parameters().forEach(parameter -> gradients.add(parameter.gradient()));
            }
        }
        this.allGradients = TensorList.of(gradients);
    }

    private Group prepare(ParameterGroup group) {
        List<Tensor> values = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        List<Tensor> first = new ArrayList<>();
        List<Tensor> second = new ArrayList<>();
        List<Tensor> counters = new ArrayList<>();
        for (Parameter parameter : group.parameters()) {
            values.add(parameter.value());
            gradients.add(parameter.gradient());
            first.add(moment(parameter, ".m"));
            second.add(moment(parameter, ".v"));
            counters.add(scope.zeros(DataType.F32));
        }
        return new Group(
                group,
                TensorList.of(values),
                TensorList.of(gradients),
                TensorList.of(first),
                TensorList.of(second),
                TensorList.of(counters));
    }

    private Tensor moment(Parameter parameter, String suffix) {
        Tensor moment = scope.zeros(parameter.value().type(), parameter.value().shape());
        if (state.put(parameter.name() + suffix, moment) != null) {
            throw new IllegalArgumentException("parameter " + parameter.name() + " is given twice");
        }
        return moment;
    }

    /**
     * Scales all gradients by min(1, maxNorm / norm).
     *
     * @return the L2 norm over the gradients of all groups, before the scaling
     */
    public double clip(double maxNorm) {
        if (!(maxNorm > 0)) {
            throw new IllegalArgumentException("maxNorm must be > 0, was " + maxNorm);
        }
        try (Scope step = scope.child()) {
            return script.call(step, "clip", allGradients, maxNorm).item();
        }
    }

    /** One update with learningRate times each group's factor; then all gradients are zero. */
    public void step(double learningRate) {
        for (Group group : groups) {
            script.run(
                    "adamw",
                    group.values(),
                    group.gradients(),
                    group.firstMoments(),
                    group.secondMoments(),
                    group.counters(),
                    learningRate * group.settings().learningRateFactor(),
                    beta1,
                    beta2,
                    group.settings().weightDecay(),
                    epsilon);
        }
        steps++;
        zeroGradients();
    }

    public void zeroGradients() {
        script.run("zero", allGradients);
    }

    /** Updates made so far. */
    public long steps() {
        return steps;
    }

    /** The moments: "name.m" and "name.v" for each parameter, in order. They are not copies. */
    public Map<String, Tensor> state() {
        return new LinkedHashMap<>(state);
    }

    /**
     * Takes over stored moments.
     *
     * @throws IllegalArgumentException for a missing tensor or one of another shape or type, by name; nothing is changed then
     */
    public void restore(TensorSource source, long restoredSteps) {
        state.forEach((name, to) -> check(source, name, to));
        state.forEach((name, to) -> {
            try (Scope staging = scope.child()) {
                engine.copy(staging.filled(to.type(), memory -> source.read(name, 0, memory), to.shape()), to);
            }
        });
        steps = restoredSteps;
        groups.forEach(group -> script.run("fill", group.counters(), restoredSteps));
    }

    private static void check(TensorSource source, String name, Tensor to) {
        if (!source.has(name)) {
            throw new IllegalArgumentException("optimiser state lacks " + name);
        }
        List<Long> expected = java.util.Arrays.stream(to.shape()).boxed().toList();
        if (!source.info(name).shape().equals(expected) || source.info(name).type() != to.type()) {
            throw new IllegalArgumentException("optimiser state " + name + " is "
                    + source.info(name).type() + source.info(name).shape() + ", expected " + to.type() + expected);
        }
    }

    @Override
    public void close() {
        groups.forEach(group -> group.lists().forEach(TensorList::close));
        allGradients.close();
        script.close();
        scope.close();
    }
}
