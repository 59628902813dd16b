// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import reflux.model.text.PromptText;

/**
 * Permission for one rollout to start, and what it needs to be sent again as it was.
 *
 * @param id of the rollout, unique in the run
 * @param sequence its place in the order of admission, from 0
 * @param liveVersion version that every generator served when it was admitted; no token of it may be older
 * @param response the gold response, empty where none is known
 */
public record Admitted(String id, PromptText prompt, String response, Origin origin, long sequence, long liveVersion) {
    /** The same rollout, admitted anew at another version: after a restart it is sampled again. */
    public Admitted at(long version) {
        return new Admitted(id, prompt, response, origin, sequence, version);
    }

    /** Seed of its sampling: depends on the run's seed and the id only, so a rollout sent again is sampled alike. */
    public long samplingSeed(long runSeed) {
        long hash = 0xcbf29ce484222325L ^ runSeed;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }
}
