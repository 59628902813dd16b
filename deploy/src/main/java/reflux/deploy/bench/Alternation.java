// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A thing and its limit, measured in turn, so that whatever else the machine does meets both alike.
 *
 * @param thing one number for each round
 * @param limit one number for each round
 */
public record Alternation(List<Double> thing, List<Double> limit) {
    public static final int LEAST_ROUNDS = 5;

    /** Measures once. */
    @FunctionalInterface
    public interface Probe {
        double measure() throws Exception;
    }

    /** One round that is thrown away, then rounds until the time is over, but at least {@link #LEAST_ROUNDS}. */
    public static Alternation run(double seconds, Probe thing, Probe limit) throws Exception {
        thing.measure();
        limit.measure();
        List<Double> things = new ArrayList<>();
        List<Double> limits = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (things.size() < LEAST_ROUNDS || System.nanoTime() < end) {
            things.add(thing.measure());
            limits.add(limit.measure());
        }
        return new Alternation(things, limits);
    }

    /** Seconds that work takes. */
    public static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
