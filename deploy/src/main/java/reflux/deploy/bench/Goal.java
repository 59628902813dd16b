// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.Locale;

/** What the ratio of thing to limit must reach, or must not exceed. */
public record Goal(Kind kind, double ratio) {
    /** Which side of the ratio is good. */
    public enum Kind {
        AT_LEAST,
        AT_MOST
    }

    public static Goal atLeast(double ratio) {
        return new Goal(Kind.AT_LEAST, ratio);
    }

    public static Goal atMost(double ratio) {
        return new Goal(Kind.AT_MOST, ratio);
    }

    public boolean isReachedBy(double found) {
        return kind == Kind.AT_LEAST ? found >= ratio : found <= ratio;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s %.3g", kind == Kind.AT_LEAST ? ">=" : "<=", ratio);
    }
}
