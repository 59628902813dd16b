// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import reflux.generator.GeneratorConfig;
import reflux.generator.GeneratorService;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Needs;
import reflux.learner.rollout.ResponseSources;
import reflux.learner.rollout.RolloutClient;
import reflux.learner.rollout.SamplingPlan;
import reflux.learner.rollout.ScorePlan;
import reflux.model.text.PromptText;
import reflux.rpc.EventLoops;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcException;
import reflux.v1.DataType;
import reflux.v1.TensorHeader;
import reflux.wire.TensorHeaders;

/**
 * The way of hidden states: a teacher whose states are ready, a generator, and the learner's client, each with event loops of its
 * own, in one process over loopback. Responses are given and short, so nothing is sampled; what is measured is frames.
 */
final class Wire implements AutoCloseable {
    /** N tokens of a response. */
    static final int ROWS = 512;
    /** D of a teacher of one to two thousand million parameters. */
    static final int WIDTH = 2048;
    /** Responses under way. */
    static final int AT_ONCE = 8;

    private static final long SEED = 11;

    private final List<Vertx> vertx = List.of(EventLoops.open(), EventLoops.open(), EventLoops.open());
    private final ByteBuffer states;
    private final ReadyTeacher teacher;
    private final GeneratorService generator;
    private final Context context;
    private final ResponseSources learner;
    private Transfer transfer = new Transfer(0);
    private long sequence;

    /** @param student directory of any model, which the generator serves and nobody samples from */
    Wire(Path student) {
        this.states = ByteBuffer.allocate(2 * ROWS * WIDTH);
        new Random(SEED).nextBytes(states.array());
        TensorHeader header = TensorHeaders.of(ScoreTensor.HIDDEN, DataType.DATA_TYPE_BF16, ROWS, WIDTH);
        this.teacher = Waiting.on(ReadyTeacher.start(vertx.get(0), header, states));
        this.generator = Waiting.on(GeneratorService.start(vertx.get(1), config(student, teacher.address())));
        this.context = vertx.get(2).getOrCreateContext();
        RolloutClient client = new RolloutClient(vertx.get(2), "bench", plan(), AT_ONCE, "", new Arrivals());
        this.learner = new ResponseSources(client, Optional.empty(), new Arrivals());
        learner.members(List.of(new PeerAddress("127.0.0.1", generator.port())));
    }

    private static GeneratorConfig config(Path student, String teacher) {
        return new GeneratorConfig(
                student.toString(),
                "127.0.0.1:0",
                List.of(teacher),
                1,
                "f32",
                "cpu",
                1,
                16,
                2 * AT_ONCE,
                0,
                0,
                0,
                "",
                "");
    }

    private static SamplingPlan plan() {
        ScorePlan score = new ScorePlan(
                Needs.hiddenStates(Needs.Vocabularies.ANY), DataType.DATA_TYPE_BF16, WIDTH, ReadyTeacher.HEAD);
        return new SamplingPlan(1, 0, 1, 0, 8, SEED, Optional.of(score));
    }

    /** Bytes of one response's states. */
    int itemBytes() {
        return states.capacity();
    }

    /** Seconds until the states of so many responses are whole at the learner. */
    double seconds(int items) {
        long start = System.nanoTime();
        Transfer begun = new Transfer(items);
        context.runOnContext(now -> {
            transfer = begun;
            for (int i = 0; i < Math.min(items, AT_ONCE); i++) {
                request();
            }
        });
        Waiting.on(begun.done.future());
        return (System.nanoTime() - start) / 1e9;
    }

    private void request() {
        transfer.asked++;
        String id = "wire-" + sequence++;
        learner.request(new Admitted(id, new PromptText.Text("a"), "b", Origin.DATASET, sequence, 0));
    }

    /** So many responses. */
    private static final class Transfer {
        private final int items;
        private final Promise<Void> done = Promise.promise();
        private int asked;
        private int arrived;

        Transfer(int items) {
            this.items = items;
        }
    }

    /** Asks for the next one whenever one is there. */
    private final class Arrivals implements RolloutClient.Receiver {
        @Override
        public void sampled(Sample sample) {
            context.runOnContext(now -> arrived(sample));
        }

        @Override
        public void refused(Admitted admitted, RpcException cause) {
            context.runOnContext(now -> transfer.done.tryFail(cause));
        }

        @Override
        public void mismatched(String fact) {
            context.runOnContext(now -> transfer.done.tryFail(fact));
        }

        private void arrived(Sample sample) {
            boolean isWatched = transfer.arrived == 0;
            if (isWatched && !sample.score().tensor(ScoreTensor.HIDDEN).values().equals(states)) {
                transfer.done.tryFail("the states of " + sample.id() + " are not those that were sent");
            }
            if (++transfer.arrived == transfer.items) {
                transfer.done.tryComplete();
            } else if (transfer.asked < transfer.items) {
                request();
            }
        }
    }

    @Override
    public void close() {
        Waiting.on(learner.close());
        Waiting.on(generator.close());
        Waiting.on(teacher.close());
        vertx.forEach(each -> Waiting.on(each.close()));
    }
}
