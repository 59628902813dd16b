// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A thing measured beside its limit, in the same unit and the same process.
 *
 * @param what the row's name, such as {@code decode f32}
 * @param unit of both lists
 * @param thing what was found, round by round
 * @param limit what the machine allows, found in the same rounds; or one constant
 * @param goal what {@link #ratio} must reach
 * @param details facts about shapes, limits and kernels, in the order of the report
 */
public record Measurement(
        String what, String unit, List<Double> thing, List<Double> limit, Goal goal, Map<String, String> details) {
    public Measurement {
        thing = List.copyOf(thing);
        limit = List.copyOf(limit);
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
        if (thing.isEmpty() || limit.isEmpty()) {
            throw new IllegalArgumentException(what + " was not measured");
        }
    }

    public double thingMedian() {
        return median(thing);
    }

    public double limitMedian() {
        return median(limit);
    }

    /** Median of the thing by median of the limit. */
    public double ratio() {
        return thingMedian() / limitMedian();
    }

    public boolean isReached() {
        return goal.isReachedBy(ratio());
    }

    public static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
