// SPDX-License-Identifier: Apache-2.0
package reflux.learner.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** One entry of kd-vectors.json, computed in f64 by a program that shares nothing with ours. */
public record KdVector(String id, JsonNode inputs, JsonNode expected) {

    /** The vector of that id. */
    public static KdVector of(String id) {
        try (InputStream in = KdVector.class.getResourceAsStream("/kd-vectors.json")) {
            JsonNode all = new ObjectMapper().readTree(in).get("vectors");
            JsonNode found = StreamSupport.stream(all.spliterator(), false)
                    .filter(vector -> vector.get("id").asText().equals(id))
                    .findFirst()
                    .orElseThrow();
            return new KdVector(id, found.get("inputs"), found.get("expected"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonNode in(String name) {
        return inputs.get(name);
    }

    public JsonNode out(String name) {
        return expected.get(name);
    }

    /** All numbers of nested lists in order; infinities are spelled as strings. */
    public static double[] numbers(JsonNode node) {
        List<Double> found = new ArrayList<>();
        collect(node, found);
        return found.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** As {@link #numbers}, as ints. */
    public static int[] ints(JsonNode node) {
        double[] numbers = numbers(node);
        int[] ints = new int[numbers.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) numbers[i];
        }
        return ints;
    }

    public static List<String> strings(JsonNode node) {
        List<String> found = new ArrayList<>();
        node.forEach(item -> found.add(item.asText()));
        return found;
    }

    /** Nested lists as rows of their innermost length. */
    public static Tensor rows(Scope scope, DataType type, JsonNode node) {
        JsonNode innermost = node;
        while (innermost.get(0).isArray()) {
            innermost = innermost.get(0);
        }
        int width = innermost.size();
        return tensor(scope, type, numbers(node), numbers(node).length / width, width);
    }

    public static Tensor tensor(Scope scope, DataType type, double[] values, long... shape) {
        if (type == DataType.F64) {
            return scope.doubles(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return scope.floats(floats, shape);
    }

    private static void collect(JsonNode node, List<Double> into) {
        if (node.isArray()) {
            node.forEach(item -> collect(item, into));
        } else {
            into.add(node.isTextual() ? Double.parseDouble(node.asText()) : node.asDouble());
        }
    }
}
