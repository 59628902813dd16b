// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/** What became of a scored rollout at the ledger's door. */
public enum Acceptance {
    ACCEPTED,
    /** Its id is not outstanding: it came twice, or was given up. Counted and ignored. */
    DUPLICATE,
    /** A token is older than the version at admission (a generator was restarted): it is to be sampled again. */
    OLDER_THAN_ADMITTED
}
