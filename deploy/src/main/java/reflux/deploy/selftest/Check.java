// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import java.util.Locale;

/**
 * One number that must not be above a limit.
 *
 * @param name what was compared
 * @param value the difference; what is no number fails
 */
public record Check(String name, double value, double limit) {

    public boolean isPassed() {
        return value <= limit;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s  %-62s %9.2e  (at most %.0e)", isPassed() ? "PASS" : "FAIL", name, value, limit);
    }
}
