// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import reflux.model.engine.DataType;
import reflux.model.hf.ModelDirectory;

/**
 * A teacher's model that the sampler is to load beside the student, for rollouts that are mixed with it (MiniLLM's teacher-mixed
 * sampling).
 *
 * @param directory of the student's own tokenizer, and with room for the longest rollout
 * @param type that it computes in
 */
public record MixModel(ModelDirectory directory, DataType type) {}
