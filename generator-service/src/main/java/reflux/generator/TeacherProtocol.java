// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reflux.rpc.LaneMessage;
import reflux.rpc.LaneProtocol;
import reflux.rpc.PeerAddress;
import reflux.v1.Cancel;
import reflux.v1.Hello;
import reflux.v1.ModelCard;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;

/** How {@code TeacherScoring.Score} is spoken. Remembers each teacher's card. Thread-safe. */
final class TeacherProtocol implements LaneProtocol<ScoreIn, ScoreOut> {
    private final ScoreIn hello;
    private final Map<PeerAddress, ModelCard> cards = new ConcurrentHashMap<>();

    TeacherProtocol(String clientId, int wanted) {
        this.hello = ScoreIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId(clientId).setWanted(wanted))
                .build();
    }

    /** The card of the last Welcome of this teacher, or null if it never said one. */
    @Nullable
    ModelCard card(PeerAddress teacher) {
        return cards.get(teacher);
    }

    @Override
    public ScoreIn hello() {
        return hello;
    }

    @Override
    public ScoreIn cancel(String id) {
        return ScoreIn.newBuilder().setCancel(Cancel.newBuilder().setId(id)).build();
    }

    @Override
    public void accept(PeerAddress replica, ScoreOut welcome) {
        cards.put(replica, welcome.getWelcome().getModel());
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
            case KIND_NOT_SET -> throw new IllegalArgumentException("the teacher sent an empty message");
        };
    }
}
