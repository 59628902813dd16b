// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import reflux.learner.data.Example;
import reflux.learner.data.PromptFile;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.Evaluation;
import reflux.rpc.EventLoops;
import reflux.teacher.TeacherConfig;
import reflux.teacher.TeacherService;

/**
 * Two teacher services of one model on loopback, which are asked the same in opposite orders, and the learner's own view of the
 * same tokens. Blocks.
 */
final class ReplicaChecks {
    private final Path model;
    private final Path data;
    private final int threads;

    ReplicaChecks(Path model, Path data, int threads) {
        this.model = model;
        this.data = data;
        this.threads = threads;
    }

    List<Check> run() {
        Vertx vertx = EventLoops.open();
        try {
            TeacherService one = await(TeacherService.start(vertx, config()));
            TeacherService other = await(TeacherService.start(vertx, config()));
            List<Example> lines = PromptFile.read(data);
            List<Example> reversed = new ArrayList<>(lines);
            Collections.reverse(reversed);
            Map<String, Replica.Score> first = await(Replica.score(vertx, one.port(), lines));
            Map<String, Replica.Score> second = await(Replica.score(vertx, other.port(), reversed));
            boolean isSame = one.card().getFingerprints().equals(other.card().getFingerprints());
            await(Future.join(one.close(), other.close()));
            return checks(first, second, isSame);
        } finally {
            await(vertx.close());
        }
    }

    private List<Check> checks(Map<String, Replica.Score> one, Map<String, Replica.Score> other, boolean isSame) {
        return List.of(
                new Check("two teachers: different fingerprints", isSame ? 0 : 1, 0),
                new Check(
                        "two teachers: largest difference of ln p", largest(one, other, Replica.Score::logProbs), 1e-4),
                new Check(
                        "two teachers: largest difference of a hidden state",
                        largest(one, other, Replica.Score::hidden),
                        1e-3),
                new Check(
                        "teacher and learner: difference of -ln p per token",
                        Math.abs(loss(one) - evaluated().loss()),
                        1e-4));
    }

    private static double largest(
            Map<String, Replica.Score> one,
            Map<String, Replica.Score> other,
            Function<Replica.Score, List<Float>> values) {
        double largest = 0;
        for (Map.Entry<String, Replica.Score> entry : one.entrySet()) {
            Replica.Score twin = other.get(entry.getKey());
            List<Float> left = values.apply(entry.getValue());
            if (twin == null || values.apply(twin).size() != left.size()) {
                return Double.NaN;
            }
            for (int i = 0; i < left.size(); i++) {
                largest = Math.max(
                        largest, Math.abs(left.get(i) - values.apply(twin).get(i)));
            }
        }
        return largest;
    }

    private static double loss(Map<String, Replica.Score> scores) {
        double sum = 0;
        long tokens = 0;
        for (Replica.Score score : scores.values()) {
            sum -= score.logProbs().stream().mapToDouble(Float::doubleValue).sum();
            tokens += score.logProbs().size();
        }
        return sum / tokens;
    }

    private EvalReport evaluated() {
        return new Evaluation(new EvalConfig(model, data, null, 1, 64, threads, 0)).run();
    }

    private TeacherConfig config() {
        return TeacherConfig.fromConfig(
                model, null, threads, null, null, null, null, null, null, null, null, null, null, null);
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
