// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.nio.file.Path;

/**
 * What every row is told.
 *
 * @param model Hugging Face directory; of rows with two models the student's
 * @param teacher Hugging Face directory of the teacher
 * @param threads native threads
 * @param seconds about how long a row's rounds may take; there are at least {@link Alternation#LEAST_ROUNDS}
 */
public record BenchSettings(Path model, Path teacher, int threads, double seconds) {
    /** For rows of one model, which is its own teacher in those of two. */
    public BenchSettings(Path model, int threads, double seconds) {
        this(model, model, threads, seconds);
    }
}
