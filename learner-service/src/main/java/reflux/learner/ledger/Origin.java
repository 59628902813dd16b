// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/** Where a prompt came from. */
public enum Origin {
    FILE,
    FEED
}
