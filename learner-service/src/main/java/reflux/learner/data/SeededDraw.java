// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

/** Random numbers that are functions of the run's seed and a name, so the order of asking does not matter. */
final class SeededDraw {
    private SeededDraw() {}

    /**
     * A number from 0 to below 1.
     *
     * @param purpose draws of one name for different purposes are independent
     */
    static double uniform(long seed, String purpose, String name) {
        long hash = mixed(hashed(hashed(0xcbf29ce484222325L ^ mixed(seed), purpose) ^ 0xff, name));
        return (hash >>> 11) * 0x1p-53;
    }

    /** One of {@code count} places, from 0. */
    static int index(long seed, String purpose, String name, int count) {
        return (int) (uniform(seed, purpose, name) * count);
    }

    private static long hashed(long start, String text) {
        long hash = start;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    private static long mixed(long value) {
        long hash = value + 0x9e3779b97f4a7c15L;
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }
}
