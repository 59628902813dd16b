// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.ScriptException;
import reflux.model.engine.Tensor;

/**
 * The matrices of a frozen model in the layout that oneDNN reads fastest, those of one input stacked to one. They are in memory
 * once: a plain copy is made when somebody asks for a matrix by its name. CPUs only, f32 and bf16.
 */
final class PackedWeights {
    /** Rows of a stack. */
    private record Part(Tensor stack, long first, long rows) {}

    private final Scope owner;
    private final Family family;
    private final Script script;
    private final Map<String, Tensor> tensors;
    private final Tensor none;
    private final Deque<List<String>> left;
    private final Map<String, Part> parts = new HashMap<>();
    private final Map<String, Tensor> arguments = new HashMap<>();

    /**
     * Packs nothing yet.
     *
     * @param tensors those that are there by now, by name; plain tensors of what is packed are freed and taken out
     * @param none what the script gets in the places of a stack but its first
     */
    PackedWeights(Scope owner, Family family, Script script, Map<String, Tensor> tensors, Tensor none) {
        this.owner = owner;
        this.family = family;
        this.script = script;
        this.tensors = tensors;
        this.none = none;
        this.left = new ArrayDeque<>(groups(family));
    }

    /** Names of what is packed together, in the order in which they are whole if weights come in the family's order. */
    private static List<List<String>> groups(Family family) {
        List<List<String>> groups = new ArrayList<>(family.stacks());
        Set<String> stacked = new HashSet<>();
        groups.forEach(stacked::addAll);
        for (LinearModule module : family.linears()) {
            if (!stacked.contains(module.weightName())) {
                groups.add(List.of(module.weightName()));
            }
        }
        Map<String, Integer> places = new HashMap<>();
        family.weights().forEach(spec -> places.put(spec.name(), places.size()));
        groups.sort(Comparator.comparingInt(
                group -> group.stream().mapToInt(places::get).max().orElse(0)));
        return groups;
    }

    /** Names of the matrices that are packed where that is possible: of those a plain tensor is read once, to be packed. */
    static Set<String> names(Engine engine, Family family, Script script, DataType type) {
        return isPossible(engine, script, type)
                ? family.linears().stream().map(LinearModule::weightName).collect(Collectors.toUnmodifiableSet())
                : Set.of();
    }

    /** Whether this machine can. */
    static boolean isPossible(Engine engine, Script script, DataType type) {
        if (!engine.onCpu() || !(type == DataType.F32 || type == DataType.BF16)) {
            return false;
        }
        try (Scope scope = engine.scope().child()) {
            script.call(scope, "pack", List.of(scope.zeros(type, 1, 1)), false);
            return true;
        } catch (ScriptException e) {
            return false;
        }
    }

    /** Packs the next group, which takes some milliseconds; false if it is not there yet, or none is left. */
    boolean next() {
        List<String> names = left.peek();
        if (names == null || !tensors.keySet().containsAll(names)) {
            return false;
        }
        left.remove();
        add(names);
        names.stream().skip(1).forEach(name -> arguments.put(name, none));
        return true;
    }

    private void add(List<String> names) {
        List<Tensor> plain = new ArrayList<>();
        names.forEach(name -> plain.add(requireNonNull(tensors.get(name), name)));
        if (plain.get(0).shape().length == 1) {
            arguments.put(names.get(0), script.call(owner, "stack", plain));
            return;
        }
        Tensor stack = script.call(owner, "pack", plain, family.isTransposed());
        arguments.put(names.get(0), stack);
        long first = 0;
        for (int i = 0; i < plain.size(); i++) {
            long rows = plain.get(i).size(0);
            parts.put(names.get(i), new Part(stack, first, rows));
            first += rows;
            tensors.remove(names.get(i));
            plain.get(i).close();
        }
    }

    /** What the script gets in the place of a weight; empty if the weight is as it was. */
    Optional<Tensor> argument(String name) {
        return Optional.ofNullable(arguments.get(name));
    }

    /** A plain copy of a matrix; empty if it is not packed. */
    Optional<Tensor> unpacked(Scope owner, String name) {
        return Optional.ofNullable(parts.get(name))
                .map(part ->
                        script.call(owner, "unpack", part.stack(), part.first(), part.rows(), family.isTransposed()));
    }
}
