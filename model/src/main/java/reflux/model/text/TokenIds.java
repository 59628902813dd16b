// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.util.Arrays;

/** An immutable list of token ids (or other ints) with value equality. */
public final class TokenIds {
    private static final TokenIds EMPTY = new TokenIds(new int[0]);

    private final int[] values;

    private TokenIds(int[] values) {
        this.values = values;
    }

    /** Copies {@code values}. */
    public static TokenIds of(int... values) {
        return values.length == 0 ? EMPTY : new TokenIds(values.clone());
    }

    public int size() {
        return values.length;
    }

    public int get(int index) {
        return values[index];
    }

    public int[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenIds that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
