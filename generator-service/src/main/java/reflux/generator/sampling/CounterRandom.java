// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

/**
 * Random numbers by place, not by order: the number of token i depends on the rollout's seed and i alone, so a rollout is
 * the same whatever else is sampled beside it. SplitMix64 (Steele, Lea, Flood 2014), with its state computed from the index.
 */
final class CounterRandom {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private CounterRandom() {}

    /** Uniform in [0, 1), 53 bits. */
    static double uniform(long seed, long index) {
        return (mix(mix(seed) + (index + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
    }

    /** The seed of sample {@code index} of a prompt; the first one keeps the request's own. */
    static long sampleSeed(long seed, int index) {
        return index == 0 ? seed : mix(seed ^ mix(index * GOLDEN_GAMMA));
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
