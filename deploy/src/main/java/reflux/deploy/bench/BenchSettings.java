// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.nio.file.Path;

/**
 * What every row is told.
 *
 * @param model Hugging Face directory
 * @param threads native threads
 * @param seconds about how long a row's rounds may take; there are at least {@link Alternation#LEAST_ROUNDS}
 */
public record BenchSettings(Path model, int threads, double seconds) {}
