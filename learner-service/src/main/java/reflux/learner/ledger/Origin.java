// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/** Where a prompt came from, and who answered it. */
public enum Origin {
    /** A prompt of the files, answered by the student. */
    FILE,
    /** A client's prompt, answered by the student. */
    FEED,
    /** A prompt of the files with its gold response. */
    DATASET,
    /** A prompt of the files, answered by a teacher. */
    TEACHER,
    /** A rollout that was trained before. */
    REPLAY;

    /** Whether the response was given and not sampled from the student. */
    public boolean isGiven() {
        return this == DATASET || this == TEACHER;
    }
}
