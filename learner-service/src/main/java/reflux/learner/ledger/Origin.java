// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/** Where a prompt comes from, and who answers it. */
public enum Origin {
    /** A prompt of the files, answered by the student. */
    FILE("on_policy"),
    /** A client's prompt, answered by the student. */
    FEED("fed"),
    /** A prompt of the files with its gold response. */
    DATASET("dataset"),
    /** A prompt of the files, answered by a teacher. */
    TEACHER("teacher"),
    /** A sample that was trained before, under an id of its own: it may be older than the staleness bound. */
    REPLAY("replay");

    private final String label;

    Origin(String label) {
        this.label = label;
    }

    /** Its name in metrics. */
    public String label() {
        return label;
    }

    /** Whether the student sampled the response for this very rollout. */
    public boolean isOnPolicy() {
        return this == FILE || this == FEED;
    }

    /** Whether the response was given and not sampled from the student. */
    public boolean isGiven() {
        return this == DATASET || this == TEACHER;
    }
}
