// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

/** Told of a run's course, on the engine thread. */
public interface SftProgress {

    void report(Report report);

    /** Losses are means per response token in nats since the last report; tokensPerSecond counts all trained positions. */
    record Report(
            long step,
            long totalSteps,
            double epoch,
            double trainLoss,
            double validLoss,
            double gradNorm,
            double learningRate,
            double tokensPerSecond,
            double seconds) {

        @Override
        public String toString() {
            return "step %d/%d epoch %.2f loss %.4f valid %.4f norm %.2f lr %.2e tok/s %.0f %.0fs"
                    .formatted(
                            step,
                            totalSteps,
                            epoch,
                            trainLoss,
                            validLoss,
                            gradNorm,
                            learningRate,
                            tokensPerSecond,
                            seconds);
        }
    }
}
