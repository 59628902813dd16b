// SPDX-License-Identifier: Apache-2.0
package reflux.learner.fixed;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import reflux.learner.objective.ObjectiveSettings;

/**
 * What is computed.
 *
 * @param student Hugging Face directory; computed in f32
 * @param teacher the same; null where the objective asks no teacher
 * @param data JSON lines, each with a text prompt and a response, of which the first is taken if there are several
 * @param kind how the responses count
 * @param gradients safetensors file for the gradients; null = not written
 * @param tokenBudget padded tokens of one forward and backward pass; splitting changes nothing
 */
public record FixedLossConfig(
        ObjectiveSettings objective,
        Path student,
        @Nullable Path teacher,
        Path data,
        Kind kind,
        @Nullable Path gradients,
        int threads,
        int tokenBudget) {
    private static final int TOKEN_BUDGET = 8192;

    /** With the usual budget. */
    public FixedLossConfig(
            ObjectiveSettings objective,
            Path student,
            @Nullable Path teacher,
            Path data,
            Kind kind,
            @Nullable Path gradients,
            int threads) {
        this(objective, student, teacher, data, kind, gradients, threads, TOKEN_BUDGET);
    }

    /** How the responses count. */
    public enum Kind {
        /** Right answers: cross-entropy learns them too. */
        GIVEN,
        /** The student's own samples, drawn with the weights that it has. */
        SAMPLED
    }
}
