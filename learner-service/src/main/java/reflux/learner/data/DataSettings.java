// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * Where responses come from; the source is drawn for each prompt alone.
 *
 * @param lmbda share of prompts that the student answers
 * @param seqKd whether a teacher answers the others; else their gold responses are used
 * @param seqKdGenerators {@code host:port} of generators that serve the teacher's weights, for seq_kd
 * @param replayRatio share of a step's rollouts that were trained before
 * @param replayCapacity rollouts that are kept for replay
 * @param replayMaxAge versions after which a rollout is not replayed; 0 = no limit
 * @param adaptiveThreshold whether DistiLLM's schedule decides between new samples, replay and gold
 * @param initThreshold its threshold at the start
 * @param lossEps rise of the evaluation loss that raises it
 * @param teacherMix share of the teacher in the distribution that the generator samples from
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DataSettings(
        double lmbda,
        boolean seqKd,
        List<String> seqKdGenerators,
        double replayRatio,
        int replayCapacity,
        int replayMaxAge,
        boolean adaptiveThreshold,
        double initThreshold,
        double lossEps,
        double teacherMix) {
    @SuppressWarnings("NullAway") // a key that is absent arrives as null
    public DataSettings {
        seqKdGenerators = seqKdGenerators == null ? List.of() : List.copyOf(seqKdGenerators);
    }

    /** Every value that a configuration may leave out. */
    public static DataSettings defaults() {
        return withShare(1);
    }

    /** The same where the student answers no prompt. */
    public static DataSettings givenOnly() {
        return withShare(0);
    }

    private static DataSettings withShare(double lmbda) {
        return new DataSettings(lmbda, false, List.of(), 0, 1000, 0, false, 0, 0.1, 0);
    }
}
