// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import reflux.generator.GeneratorConfig;
import reflux.generator.GeneratorService;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.publish.WeightPublisher;
import reflux.learner.publish.WeightSnapshot;
import reflux.learner.rollout.RolloutClient;
import reflux.learner.rollout.SamplingPlan;
import reflux.model.engine.DataType;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.PromptText;
import reflux.rpc.EventLoops;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcException;

/**
 * The way of weights: the learner's publisher and two generators, each with event loops of its own, in one process over loopback.
 * The first generator can be kept decoding meanwhile.
 */
final class Publishing implements AutoCloseable {
    private static final int SLOTS = 8;
    private static final int NEW_TOKENS = 64;
    private static final int LEAST_STEPS = 3;
    private static final long SEED = 12;

    private final List<Vertx> vertx = List.of(EventLoops.open(), EventLoops.open(), EventLoops.open());
    private final TimedSteps steps = new TimedSteps();
    private final List<GeneratorService> generators = new ArrayList<>();
    private final List<TensorInfo> tensors = new ArrayList<>();
    private final List<ByteBuffer> bytes = new ArrayList<>();
    private final Context context = vertx.get(0).getOrCreateContext();
    private final WeightPublisher publisher;
    private final RolloutClient rollouts;
    private long version;
    private long sequence;
    private boolean isDecoding;
    private Promise<Void> done = Promise.promise();

    /** Weights of this model in f32, stored in f32 or bf16. */
    Publishing(Path student) {
        try (TensorSource source = ModelDirectory.open(student).openWeights()) {
            for (TensorInfo info : source.tensors()) {
                tensors.add(TensorInfo.of(info.name(), DataType.F32, info.shape()));
                bytes.add(inF32(info, source.bytes(info.name())));
            }
        }
        generators.add(Waiting.on(GeneratorService.start(vertx.get(1), config(student), steps)));
        generators.add(Waiting.on(GeneratorService.start(vertx.get(2), config(student))));
        List<PeerAddress> addresses = generators.stream()
                .map(each -> new PeerAddress("127.0.0.1", each.port()))
                .toList();
        this.publisher = new WeightPublisher(vertx.get(0), "bench", "", addresses, new Versions());
        SamplingPlan plan = new SamplingPlan(1, 0, 1, 0, NEW_TOKENS, SEED, Optional.empty());
        this.rollouts = new RolloutClient(vertx.get(0), "bench", plan, SLOTS, "", new Endless());
        rollouts.members(addresses.subList(0, 1));
        context.runOnContext(now -> publisher.start());
    }

    /** As a learner has it. */
    private static ByteBuffer inF32(TensorInfo info, ByteBuffer stored) {
        int count = Math.toIntExact(info.count());
        ByteBuffer floats = ByteBuffer.allocateDirect(Float.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
        switch (info.type()) {
            case F32 -> floats.put(stored);
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    floats.putInt(stored.getShort() << Short.SIZE);
                }
            }
            default -> throw new IllegalArgumentException("weights of " + info.type() + " cannot be published here");
        }
        return floats.flip();
    }

    private static GeneratorConfig config(Path student) {
        return new GeneratorConfig(
                student.toString(), "127.0.0.1:0", List.of(), 1, "f32", "cpu", SLOTS, 0, 2 * SLOTS, 0, 0, 0, "", "");
    }

    long totalBytes() {
        return tensors.stream().mapToLong(TensorInfo::bytes).sum();
    }

    /** Seconds from the publisher's having a new version until both generators serve it. */
    double seconds() {
        long start = System.nanoTime();
        Promise<Void> both = Promise.promise();
        context.runOnContext(now -> {
            done = both;
            publisher.publish(new WeightSnapshot(++version, tensors, bytes)).onFailure(both::tryFail);
        });
        Waiting.on(both.future());
        return (System.nanoTime() - start) / 1e9;
    }

    /** Keeps all slots of the first generator decoding from now on. */
    void decode() {
        context.runOnContext(now -> {
            isDecoding = true;
            for (int i = 0; i < SLOTS; i++) {
                sample();
            }
        });
    }

    /** Lets what is being decoded end, and begins nothing new. */
    void rest() {
        context.runOnContext(now -> isDecoding = false);
    }

    /** Seconds of each decode step since the last call. */
    List<Double> steps() {
        return steps.take();
    }

    /** The same, but no fewer than three: waits for them where a publish was over sooner. */
    List<Double> someSteps() throws InterruptedException {
        List<Double> some = new ArrayList<>(steps());
        while (some.size() < LEAST_STEPS) {
            TimeUnit.MILLISECONDS.sleep(1);
            some.addAll(steps());
        }
        return some;
    }

    private void sample() {
        String id = "publish-" + sequence++;
        rollouts.request(new Admitted(id, new PromptText.Text("Once upon a time"), "", Origin.FILE, sequence, 0));
    }

    private final class Versions implements WeightPublisher.Listener {
        @Override
        public void liveChanged() {
            if (publisher.live() == version && publisher.upToDate().size() == generators.size()) {
                done.tryComplete();
            }
        }

        @Override
        public void published(long published, PeerAddress generator, double seconds) {}

        @Override
        public void refused(PeerAddress generator, RpcException cause) {
            done.tryFail(cause);
        }
    }

    /** Asks for another rollout whenever one is there. */
    private final class Endless implements RolloutClient.Receiver {
        @Override
        public void sampled(Sample sample) {
            context.runOnContext(now -> {
                if (isDecoding) {
                    sample();
                }
            });
        }

        @Override
        public void refused(Admitted admitted, RpcException cause) {
            context.runOnContext(now -> done.tryFail(cause));
        }

        @Override
        public void mismatched(String fact) {
            context.runOnContext(now -> done.tryFail(fact));
        }
    }

    @Override
    public void close() {
        Waiting.on(rollouts.close());
        Waiting.on(publisher.close());
        generators.forEach(each -> Waiting.on(each.close()));
        vertx.forEach(each -> Waiting.on(each.close()));
    }
}
