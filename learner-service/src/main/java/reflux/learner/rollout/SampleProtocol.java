// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import reflux.rpc.LaneMessage;
import reflux.rpc.LaneProtocol;
import reflux.rpc.PeerAddress;
import reflux.v1.Cancel;
import reflux.v1.Fingerprints;
import reflux.v1.Hello;
import reflux.v1.SampleIn;
import reflux.v1.SampleOut;
import reflux.wire.FingerprintCheck;
import reflux.wire.ItemStatuses;

/**
 * How StudentGenerator.Sample is spoken.
 *
 * @param wanted rollouts that one generator may be given at once
 * @param tokenizer fingerprint that the generator's tokenizer must have; empty = any
 * @param isScored whether every rollout is scored, and so goes on when it is sampled
 */
record SampleProtocol(String clientId, int wanted, String tokenizer, boolean isScored)
        implements LaneProtocol<SampleIn, SampleOut> {

    @Override
    public SampleIn hello() {
        Hello hello = Hello.newBuilder().setClientId(clientId).setWanted(wanted).build();
        return SampleIn.newBuilder().setHello(hello).build();
    }

    @Override
    public SampleIn cancel(String id) {
        return SampleIn.newBuilder().setCancel(Cancel.newBuilder().setId(id)).build();
    }

    @Override
    public void accept(PeerAddress replica, SampleOut welcome) {
        FingerprintCheck.require(
                Fingerprints.newBuilder().setTokenizer(tokenizer).build(),
                welcome.getWelcome().getModel().getFingerprints(),
                clientId,
                "generator " + replica);
    }

    @Override
    public LaneMessage read(SampleOut message) {
        return switch (message.getKindCase()) {
            case WELCOME -> new LaneMessage.Welcome();
            case CREDIT -> new LaneMessage.Granted(message.getCredit().getItems());
            case TOKENS -> new LaneMessage.Part(message.getTokens().getId());
            case SAMPLED -> {
                String id = message.getSampled().getId();
                boolean goesOn =
                        isScored && ItemStatuses.isOk(message.getSampled().getStatus());
                yield goesOn
                        ? new LaneMessage.Part(id)
                        : new LaneMessage.Last(id, message.getSampled().getStatus());
            }
            case SCORE_BEGIN -> new LaneMessage.Part(message.getScoreBegin().getId());
            case SCORE_FRAME -> new LaneMessage.Part(message.getScoreFrame().getId());
            case SCORE_END ->
                new LaneMessage.Last(
                        message.getScoreEnd().getId(), message.getScoreEnd().getStatus());
            case GOODBYE -> new LaneMessage.Goodbye(message.getGoodbye().getReason());
            case KIND_NOT_SET -> throw new IllegalArgumentException("the generator sent a message of no known kind");
        };
    }
}
