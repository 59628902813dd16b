// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.List;
import java.util.Optional;
import reflux.learner.data.AdaptiveSchedule;
import reflux.learner.data.DataSettings;
import reflux.learner.data.Example;
import reflux.learner.data.FixedShares;
import reflux.learner.data.ReplayBuffer;
import reflux.learner.data.SourceRule;
import reflux.learner.ledger.Origin;

/** What the keys about data make of a run. */
final class SourcePlan {
    private final LearnerConfig config;
    private final DataSettings keys;

    private SourcePlan(LearnerConfig config) {
        this.config = config;
        this.keys = config.data();
    }

    static SourcePlan of(LearnerConfig config) {
        return new SourcePlan(config);
    }

    /** @param earlier state of the schedule in the checkpoint that the run goes on from */
    SourceRule rule(Optional<AdaptiveSchedule.State> earlier) {
        Origin given = keys.seqKd() ? Origin.TEACHER : Origin.DATASET;
        if (!keys.adaptiveThreshold()) {
            return new FixedShares(config.seed(), keys.lmbda(), given, keys.replayRatio());
        }
        return new AdaptiveSchedule(
                config.seed(),
                config.maxSteps(),
                keys.lossEps(),
                given,
                earlier.orElse(AdaptiveSchedule.State.start(keys.initThreshold())));
    }

    ReplayBuffer replay() {
        boolean isUsed = keys.adaptiveThreshold() || keys.replayRatio() > 0;
        return new ReplayBuffer(config.seed(), isUsed ? keys.replayCapacity() : 0, keys.replayMaxAge());
    }

    /** Throws IllegalArgumentException naming file, line, key and remedy if gold responses are used and a line has none. */
    void requireResponses(List<Example> examples) {
        String use = useOfGold();
        for (Example example : use.isEmpty() ? List.<Example>of() : examples) {
            if (example.response().isEmpty()) {
                throw new IllegalArgumentException(
                        example.place() + ": there is no response, but learner." + use + ", or add the response");
            }
        }
    }

    /** The key that uses gold responses and what else could be set, or nothing. */
    private String useOfGold() {
        double kdRatio = config.distillation().kdRatio();
        boolean isMixed = keys.lmbda() < 1 || keys.adaptiveThreshold();
        if (isMixed && !keys.seqKd()) {
            return keys.adaptiveThreshold()
                    ? "adaptive_threshold is true; set seq_kd"
                    : "lmbda is " + keys.lmbda() + "; set it to 1, set seq_kd";
        }
        boolean isAlwaysGiven = keys.lmbda() == 0 && !keys.adaptiveThreshold();
        return kdRatio < 1 && !isAlwaysGiven ? "kd_ratio is " + kdRatio + "; set it to 1" : "";
    }
}
