// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import reflux.model.decoder.TokenBatch;

/** What is dropped is a function of the run's seed, the step and the sequence itself: a resumed or split step drops the same. */
final class DropoutKeys {
    private DropoutKeys() {}

    /** [B]. */
    static long[] of(long seed, long step, TokenBatch inputs) {
        int[] ids = inputs.ids();
        long[] keys = new long[inputs.rows()];
        for (int row = 0; row < keys.length; row++) {
            long key = mix(mix(seed) + step);
            for (int t = 0; t < inputs.length(row); t++) {
                key = mix(key + ids[row * inputs.width() + t]);
            }
            keys[row] = key;
        }
        return keys;
    }

    /** SplitMix64's step and finaliser (Steele, Lea and Flood 2014). */
    private static long mix(long state) {
        long z = state + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
