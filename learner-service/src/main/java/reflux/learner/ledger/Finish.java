// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/** Why a response ended. */
public enum Finish {
    /** By the end-of-sequence token, which is the last of the tokens. */
    STOP,
    /** At the longest length asked for, or the end of the context. */
    LENGTH,
    /** Before one of the stop texts. */
    STOP_TEXT
}
