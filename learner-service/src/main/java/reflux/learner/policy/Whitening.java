// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

/** Over what the credit of a step's tokens is brought to mean 0 and variance 1. */
public enum Whitening {
    /** The tokens of the step. */
    MASKED,
    /** As published: every place of a matrix as wide as the step's longest response, the empty ones as 0. */
    BATCH,
    /** Not at all. */
    NONE;

    /**
     * The whitening of a configuration.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Whitening named(String name) {
        return switch (name) {
            case "masked" -> MASKED;
            case "batch" -> BATCH;
            case "none" -> NONE;
            default ->
                throw new IllegalArgumentException("learner.whitening is '" + name + "'; use masked, batch or none");
        };
    }
}
