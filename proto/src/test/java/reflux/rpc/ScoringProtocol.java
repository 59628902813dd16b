// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import reflux.v1.Cancel;
import reflux.v1.Hello;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;

/** How Score is spoken. */
class ScoringProtocol implements LaneProtocol<ScoreIn, ScoreOut> {
    @Override
    public ScoreIn hello() {
        return ScoreIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId("test"))
                .build();
    }

    @Override
    public ScoreIn cancel(String id) {
        return ScoreIn.newBuilder().setCancel(Cancel.newBuilder().setId(id)).build();
    }

    @Override
    public LaneMessage read(ScoreOut message) {
        return switch (message.getKindCase()) {
            case WELCOME -> new LaneMessage.Welcome();
            case CREDIT -> new LaneMessage.Granted(message.getCredit().getItems());
            case BEGIN -> new LaneMessage.Part(message.getBegin().getId());
            case FRAME -> new LaneMessage.Part(message.getFrame().getId());
            case END ->
                new LaneMessage.Last(message.getEnd().getId(), message.getEnd().getStatus());
            case GOODBYE -> new LaneMessage.Goodbye(message.getGoodbye().getReason());
            case KIND_NOT_SET -> throw new IllegalArgumentException("message of no kind");
        };
    }
}
