// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;

/** One weight of a family: its name in files, its shape, and what it is before any training. */
record WeightSpec(String name, List<Long> shape, Start start) {
    /** Initial values. */
    enum Start {
        /** Normal with deviation 0.02. */
        NORMAL,
        /** Normal with deviation 0.02 / sqrt(2 * layers): what adds to the residual stream of GPT-2. */
        RESIDUAL,
        ONES,
        ZEROS
    }

    WeightSpec {
        shape = List.copyOf(shape);
    }

    static WeightSpec of(String name, Start start, long... shape) {
        return new WeightSpec(name, java.util.Arrays.stream(shape).boxed().toList(), start);
    }

    long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    int count() {
        return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    }
}
