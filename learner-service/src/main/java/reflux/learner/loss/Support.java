// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** The tokens over which two distributions of one vocabulary are compared, chosen anew for each row. */
public sealed interface Support {

    /** All tokens that both heads have. */
    record Full() implements Support {}

    /**
     * The likeliest tokens; of equally likely ones those with the lowest ids.
     *
     * @param count how many, at least 1; more than the vocabulary has is all of it
     * @param chooser whose distribution chooses
     */
    record TopK(int count, Side chooser, Rest rest) implements Support {
        public TopK {
            if (count < 1) {
                throw new IllegalArgumentException("count must be > 0, was " + count);
            }
        }
    }

    /**
     * The fewest of the teacher's likeliest tokens that together hold a mass, at the temperature of the comparison.
     *
     * @param mass in (0, 1]
     */
    record TopP(double mass, Rest rest) implements Support {
        public TopP {
            if (!(mass > 0 && mass <= 1)) {
                throw new IllegalArgumentException("mass must be in (0, 1], was " + mass);
            }
        }
    }

    /** Whose distribution is meant. */
    enum Side {
        STUDENT,
        TEACHER
    }

    /** What becomes of the tokens that are not chosen. */
    enum Rest {
        /** They are one more token: both sides still have mass 1, and the divergence is a lower bound of the full one. */
        BUCKET,
        /** They are left out and both sides scaled to mass 1; with one chosen token every divergence is 0. */
        RENORMALISE
    }
}
