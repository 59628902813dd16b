// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import reflux.deploy.bench.Bench;
import reflux.deploy.bench.BenchSettings;
import reflux.deploy.bench.Goal;
import reflux.deploy.bench.Measurement;
import reflux.learner.LearnerService;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.LearnerGrpcClient;
import reflux.v1.RunEvent;
import reflux.v1.StepDone;
import reflux.v1.WatchRequest;

/** The whole loop in this process, beside what it could do if its parts, each as fast as it is alone, took turns. */
public final class LoopBench implements Bench {
    private static final Goal GOAL = Goal.atLeast(0.9);
    private static final int ROUNDS = 6;
    private static final int WARM_STEPS = 3;
    private static final int WINDOW = 2;

    @Override
    public List<Measurement> run(BenchSettings settings) throws Exception {
        return List.of(measure(settings, ROUNDS));
    }

    /** @param rounds of each part, half before and half after the loop */
    static Measurement measure(BenchSettings settings, int rounds) throws Exception {
        Path work = Scratch.create();
        List<double[]> alone = new ArrayList<>(alone(settings, work, rounds / 2));
        List<Double> loop = loop(settings, work, rounds);
        alone.addAll(alone(settings, work, rounds - rounds / 2));
        Scratch.delete(work);
        List<Double> serial = alone.stream()
                .map(each -> 1 / (1 / each[0] + 1 / each[1] + 1 / each[2]))
                .toList();
        Map<String, String> details = new LinkedHashMap<>();
        details.put(
                "shape",
                String.format(
                        Locale.ROOT,
                        "%d rollouts a step, %d under way, up to %d tokens each; student %s, teacher %s, f32",
                        Ring.BATCH,
                        Ring.AT_ONCE,
                        Ring.NEW_TOKENS,
                        settings.model().getFileName(),
                        settings.teacher().getFileName()));
        details.put("unit", "sampled tokens of the student, trained on");
        details.put(
                "threads",
                settings.threads() + " of each part alone, " + each(settings) + " of each service in the loop");
        details.put("sample alone", tokens(alone, 0));
        details.put("score alone", tokens(alone, 1));
        details.put("train alone", tokens(alone, 2));
        details.put("limit", "1 / (1/sample + 1/score + 1/train)");
        return new Measurement("loop", "tokens/s", loop, serial, GOAL, details);
    }

    private static String tokens(List<double[]> alone, int stage) {
        List<Double> rates = alone.stream().map(each -> each[stage]).toList();
        return String.format(Locale.ROOT, "%.1f tokens/s", Measurement.median(rates));
    }

    /** Sampling, scoring and training, round by round, after one that is thrown away. */
    private static List<double[]> alone(BenchSettings settings, Path work, int rounds) {
        List<double[]> rates = new ArrayList<>();
        try (Stages stages = new Stages(settings.model(), settings.teacher(), settings.threads(), work)) {
            for (int round = 0; round <= rounds; round++) {
                rates.add(new double[] {stages.sampling(), stages.scoring(), stages.training()});
            }
        }
        return rates.subList(1, rates.size());
    }

    private static int each(BenchSettings settings) {
        return Math.max(1, settings.threads() / 2);
    }

    /** Rates of a run's steps, two by two, after its first ones. */
    private static List<Double> loop(BenchSettings settings, Path work, int rounds) throws IOException {
        int steps = WARM_STEPS + rounds * WINDOW;
        try (Ring ring = new Ring(settings.model(), settings.teacher(), each(settings))) {
            LearnerService learner = Waiting.on(
                    LearnerService.start(ring.vertx(), ring.learner(work, 2 * steps), new SimpleMeterRegistry()));
            List<long[]> done = new ArrayList<>();
            Promise<Void> enough = Promise.promise();
            RpcClient client = RpcClient.create(
                    ring.vertx(), new PeerAddress("127.0.0.1", learner.port()), ClientSettings.defaults());
            client.serverStream(
                            LearnerGrpcClient.Watch,
                            WatchRequest.newBuilder().setReplay(true).build(),
                            event -> take(event, done, steps, enough))
                    .completed()
                    .onFailure(enough::tryFail);
            Waiting.on(enough.future());
            Waiting.on(client.close());
            Waiting.on(learner.close());
            return rates(done);
        }
    }

    private static void take(RunEvent event, List<long[]> done, int steps, Promise<Void> enough) {
        if (event.hasStep() && done.size() < steps) {
            StepDone step = event.getStep();
            done.add(new long[] {event.getUnixMillis(), step.getTrainedTokens()});
            if (done.size() == steps) {
                enough.complete();
            }
        }
    }

    private static List<Double> rates(List<long[]> done) {
        List<Double> rates = new ArrayList<>();
        for (int i = WARM_STEPS - 1; i + WINDOW < done.size(); i += WINDOW) {
            long[] from = done.get(i);
            long[] to = done.get(i + WINDOW);
            rates.add((to[1] - from[1]) / ((to[0] - from[0]) / 1e3));
        }
        return rates;
    }
}
