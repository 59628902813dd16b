// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import reflux.model.engine.DataType;
import reflux.model.engine.MatmulPrecision;

/**
 * What one supervised run does.
 *
 * @param model a Hugging Face directory; without weights in it the run starts from seeded random ones
 * @param output where the trained directory goes; replaced whole at each save
 * @param train JSONL files of {@code {"prompt","response"}}
 * @param valid the same, for the validation loss; may be empty
 * @param epochs passes over the training files
 * @param limit the run ends here even if epochs are left; the learning rate falls to its floor by then
 * @param batchTokens padded tokens of one step
 * @param precision of f32 matrix products; MEDIUM is twice as fast on most CPUs
 * @param saveType F32 or BF16
 */
public record SftConfig(
        Path model,
        Path output,
        List<Path> train,
        List<Path> valid,
        double epochs,
        Duration limit,
        int batchTokens,
        double learningRate,
        int warmupSteps,
        double weightDecay,
        double maxGradNorm,
        long seed,
        int threads,
        MatmulPrecision precision,
        DataType saveType,
        Duration reportEvery,
        Duration saveEvery) {

    public SftConfig {
        train = List.copyOf(train);
        valid = List.copyOf(valid);
        if (train.isEmpty()) {
            throw new IllegalArgumentException("no training file was given; name at least one with --data");
        }
        if (saveType != DataType.F32 && saveType != DataType.BF16) {
            throw new IllegalArgumentException("weights are saved as f32 or bf16, not as " + saveType);
        }
        if (epochs <= 0 || batchTokens < 1 || learningRate <= 0) {
            throw new IllegalArgumentException("epochs, batch tokens and learning rate must be above 0, were " + epochs
                    + ", " + batchTokens + ", " + learningRate);
        }
    }
}
