// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

/**
 * How far a model is from its teacher on given responses.
 *
 * @param klPerToken mean forward KL over exactly paired tokens, in nats
 * @param alignRatio paired tokens / tokens of the model, the end counted
 */
record Divergence(double klPerToken, double alignRatio, long pairs) {}
