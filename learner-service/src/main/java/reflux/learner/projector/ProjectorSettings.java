// SPDX-License-Identifier: Apache-2.0
package reflux.learner.projector;

/**
 * How the projector is made.
 *
 * @param relativeTolerance singular values up to this part of the largest count as 0; 0 means the published default, columns
 *     times the f32 epsilon (2^-23)
 * @param topVocabulary use the first so many shared tokens only, in order of the student's id; -1 means all
 * @param refreshSteps steps between two recomputations of the student-to-teacher map from the student's current head
 */
public record ProjectorSettings(double relativeTolerance, int topVocabulary, int refreshSteps) {
    public ProjectorSettings {
        if (!(relativeTolerance >= 0 && relativeTolerance < 1)) {
            throw new IllegalArgumentException("relativeTolerance must be in [0, 1), was " + relativeTolerance);
        }
        if (topVocabulary != -1 && topVocabulary < 1) {
            throw new IllegalArgumentException("topVocabulary must be -1 or > 0, was " + topVocabulary);
        }
        if (refreshSteps < 1) {
            throw new IllegalArgumentException("refreshSteps must be > 0, was " + refreshSteps);
        }
    }

    /** The published choice: all shared tokens, default tolerance, a fresh map in every step. */
    public static ProjectorSettings defaults() {
        return new ProjectorSettings(0, -1, 1);
    }

    double tolerance(int columns) {
        return relativeTolerance > 0 ? relativeTolerance : columns * (double) Math.ulp(1f);
    }
}
