// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/**
 * What one rendering may cost.
 *
 * @param steps evaluations, plus one for each element of a list and each 8 characters of a text that are made
 * @param depth how deep evaluations nest, macros included
 * @param characters length of the output, and of any text on the way
 */
public record Bounds(long steps, int depth, int characters) {
    /** Four million steps, 400 levels, four Mi characters. */
    public static final Bounds DEFAULT = new Bounds(4_000_000, 400, 1 << 22);

    public Bounds {
        if (steps < 1 || depth < 1 || characters < 1) {
            throw new IllegalArgumentException(
                    "bounds must be >= 1, were " + steps + ", " + depth + " and " + characters);
        }
    }
}
