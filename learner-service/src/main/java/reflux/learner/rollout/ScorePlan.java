// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Needs;
import reflux.v1.DataType;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.TensorHeader;
import reflux.wire.TensorAssembler;
import reflux.wire.TensorHeaders;

/**
 * What the teacher is asked for each response, and what must come back: exactly what the objective needs.
 *
 * @param needs with a signal
 * @param hiddenType type in which hidden states travel
 * @param teacherWidth D of the teacher
 * @param headFingerprint of the LM head that the scores must belong to
 */
public record ScorePlan(Needs needs, DataType hiddenType, int teacherWidth, String headFingerprint) {

    public ScorePlan {
        if (needs.signal() == Needs.Signal.NONE) {
            throw new IllegalArgumentException("an objective that needs no teacher has nothing scored");
        }
    }

    Payload payload() {
        return switch (needs.signal()) {
            case HIDDEN_STATES ->
                Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)
                        .setType(hiddenType)
                        .build();
            case SAMPLED_LOG_PROB ->
                Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB)
                        .build();
            case TOP_K ->
                Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_TOP_K)
                        .setK(needs.topK())
                        .build();
            case NONE -> throw new IllegalStateException("nothing is scored");
        };
    }

    /** What a teacher must announce for {@code tokens} of its tokens. */
    List<TensorHeader> announced(int tokens) {
        DataType f32 = DataType.DATA_TYPE_F32;
        return switch (needs.signal()) {
            case HIDDEN_STATES -> List.of(TensorHeaders.of(ScoreTensor.HIDDEN, hiddenType, tokens, teacherWidth));
            case SAMPLED_LOG_PROB -> List.of(TensorHeaders.of(ScoreTensor.LOG_PROBS, f32, tokens));
            case TOP_K ->
                List.of(
                        TensorHeaders.of(ScoreTensor.TOP_IDS, DataType.DATA_TYPE_I32, tokens, needs.topK()),
                        TensorHeaders.of(ScoreTensor.TOP_LOG_PROBS, f32, tokens, needs.topK()),
                        TensorHeaders.of(ScoreTensor.TAIL_LOG_MASS, f32, tokens));
            case NONE -> List.of();
        };
    }

    /** The tensors by name, when they are complete. */
    static Map<String, ScoreTensor> read(TensorAssembler tensors, int tokens) {
        Map<String, ScoreTensor> read = new HashMap<>();
        for (TensorHeader header : tensors.headers()) {
            int width = header.getShapeCount() == 1 ? 1 : Math.toIntExact(header.getShape(1));
            read.put(
                    header.getName(),
                    new ScoreTensor(ReceivedTensors.type(header), tokens, width, tensors.tensor(header.getName())));
        }
        return read;
    }
}
