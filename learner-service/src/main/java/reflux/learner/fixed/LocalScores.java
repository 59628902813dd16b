// SPDX-License-Identifier: Apache-2.0
package reflux.learner.fixed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Needs;
import reflux.learner.rollout.TeacherHead;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** A teacher beside the student, which says of a response what a teacher's server would. Use on the engine thread. */
final class LocalScores {
    private final Engine engine;
    private final LocalModel teacher;
    private final Needs needs;

    LocalScores(Engine engine, LocalModel teacher, Needs needs) {
        this.engine = engine;
        this.teacher = teacher;
        this.needs = needs;
    }

    TeacherHead head() {
        Tensor head_VD = teacher.decoder().head();
        Optional<ByteBuffer> embeddings = needs.teacherEmbeddings()
                ? Optional.of(copy(teacher.decoder().embeddings().bytes()))
                : Optional.empty();
        return new TeacherHead(
                "local",
                DataType.F32,
                Math.toIntExact(head_VD.size(0)),
                Math.toIntExact(head_VD.size(1)),
                copy(head_VD.bytes()),
                teacher.tokenizer().vocabulary(),
                embeddings);
    }

    Sample.Score score(LocalModel.Reading reading) {
        try (Scope scope = engine.scope().child()) {
            Tensor states_ND = teacher.states(scope, reading);
            Map<String, ScoreTensor> tensors =
                    switch (needs.signal()) {
                        case NONE -> Map.of();
                        case HIDDEN_STATES ->
                            Map.of(
                                    ScoreTensor.HIDDEN,
                                    tensor(reading, (int) states_ND.size(1), copy(states_ND.bytes())));
                        case SAMPLED_LOG_PROB -> sampled(reading, teacher.logProbs(scope, states_ND));
                        case TOP_K -> topK(reading, teacher.logProbs(scope, states_ND));
                    };
            return new Sample.Score(reading.response(), reading.ends(), reading.coveredBytes(), tensors);
        }
    }

    private static Map<String, ScoreTensor> sampled(LocalModel.Reading reading, LogProbs logProbs) {
        ByteBuffer values = buffer(logProbs.rows());
        for (int n = 0; n < logProbs.rows(); n++) {
            values.putFloat((float) logProbs.at(n, reading.response().get(n)));
        }
        return Map.of(ScoreTensor.LOG_PROBS, tensor(reading, 1, values.flip()));
    }

    private Map<String, ScoreTensor> topK(LocalModel.Reading reading, LogProbs logProbs) {
        int k = Math.min(needs.topK(), teacher.tokenizer().vocabulary().size());
        ByteBuffer ids = buffer(logProbs.rows() * k);
        ByteBuffer values = buffer(logProbs.rows() * k);
        ByteBuffer tails = buffer(logProbs.rows());
        for (int n = 0; n < logProbs.rows(); n++) {
            int[] top = logProbs.top(n, k);
            for (int id : top) {
                ids.putInt(id);
                values.putFloat((float) logProbs.at(n, id));
            }
            tails.putFloat((float) logProbs.tail(n, top));
        }
        return Map.of(
                ScoreTensor.TOP_IDS,
                new ScoreTensor(DataType.I32, reading.response().size(), k, ids.flip()),
                ScoreTensor.TOP_LOG_PROBS,
                tensor(reading, k, values.flip()),
                ScoreTensor.TAIL_LOG_MASS,
                tensor(reading, 1, tails.flip()));
    }

    private static ScoreTensor tensor(LocalModel.Reading reading, int width, ByteBuffer values) {
        return new ScoreTensor(DataType.F32, reading.response().size(), width, values);
    }

    private static ByteBuffer buffer(int elements) {
        return ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(bytes.duplicate()).flip();
    }
}
