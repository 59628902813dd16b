// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is evaluated.
 *
 * @param teacher model whose divergence from {@code model} is measured on the references; null = not measured
 * @param samples how many responses the report shows
 */
public record EvalConfig(
        Path model, Path data, @Nullable Path teacher, int maxNewTokens, int batchSize, int threads, int samples) {
    public EvalConfig {
        if (maxNewTokens < 1 || batchSize < 1 || threads < 1) {
            throw new IllegalArgumentException("max new tokens, batch size and threads must be >= 1, were "
                    + maxNewTokens + ", " + batchSize + ", " + threads);
        }
    }
}
