// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import com.google.protobuf.ByteString;

/**
 * What became of a prompt that a client fed.
 *
 * @param step the step that trained on it; the version that it made is the same number
 * @param response the sampled bytes
 * @param klPerToken mean over its aligned tokens, in nats
 */
public record FedOutcome(
        String id,
        long step,
        ByteString response,
        Finish finish,
        int responseTokens,
        int staleness,
        double klPerToken,
        double alignRatio) {}
