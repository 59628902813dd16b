// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

/**
 * How far a model q is from its teacher p on given responses, over exactly paired tokens.
 *
 * @param klForward mean KL(p‖q), in nats
 * @param klReverse mean KL(q‖p), in nats
 * @param alignRatio paired tokens / tokens of the model, the end counted
 */
public record Divergence(double klForward, double klReverse, double alignRatio, long pairs) {}
