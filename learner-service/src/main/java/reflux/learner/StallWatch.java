// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.ledger.Ledger;
import reflux.learner.ledger.LedgerCounts;
import reflux.rpc.ReplicaState;

/** Says every ten seconds for whom a run waits, while nothing moves. Confined to the learner's context. */
final class StallWatch {
    static final long PERIOD_MILLIS = 10_000;

    private static final Logger log = LoggerFactory.getLogger(StallWatch.class);

    private final Ledger ledger;
    private final LoopParts.Peers peers;
    private final LearnerConfig config;
    private LedgerCounts before;

    StallWatch(Ledger ledger, LoopParts.Peers peers, LearnerConfig config) {
        this.ledger = ledger;
        this.peers = peers;
        this.config = config;
        this.before = ledger.counts();
    }

    void look() {
        LedgerCounts now = ledger.counts();
        boolean isStill = now.equals(before);
        before = now;
        if (!isStill || ledger.isEmpty() && ledger.isClosed()) {
            return;
        }
        List<ReplicaState> replicas = peers.rollouts().replicas();
        if (peers.publisher().upToDate().isEmpty()) {
            log.warn("waiting for a generator addresses={}", config.generators());
        } else if (now.outstanding() > 0) {
            log.warn(
                    "waiting for rollouts outstanding={} generators={} teachers={}",
                    now.outstanding(),
                    replicas,
                    config.teachers());
        } else {
            log.warn(
                    "waiting for prompts open={} live={}",
                    now.accepted(),
                    peers.publisher().live());
        }
    }
}
