// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import reflux.model.engine.Tensor;

/**
 * What a teacher says of its K likeliest tokens in C rows, at temperature 1.
 *
 * @param ids_CK -1 where a row has fewer than K
 * @param logProbs_CK in nats
 * @param restLogProb_C1 log of the mass of all other tokens
 */
public record TopTokens(Tensor ids_CK, Tensor logProbs_CK, Tensor restLogProb_C1) {}
