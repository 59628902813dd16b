// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

/** A policy version was offered that is not newer, or whose publisher was replaced by another. */
public final class StalePolicyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StalePolicyException(long offered, long live) {
        super("policy version " + Long.toUnsignedString(offered) + " is not newer than the live version "
                + Long.toUnsignedString(live));
    }

    public StalePolicyException(long offered, String publisher, String successor) {
        super("policy version " + Long.toUnsignedString(offered) + " is of client " + publisher
                + ", from which another has taken over; live is that of client " + successor);
    }
}
