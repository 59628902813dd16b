// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static reflux.ring.Ring.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.LearnerService;
import reflux.learner.RunSummary;
import reflux.model.hf.ModelDirectory;
import reflux.rpc.ClientStream;
import reflux.rpc.RpcClient;
import reflux.v1.FeedIn;
import reflux.v1.FeedOut;
import reflux.v1.FeedPrompt;
import reflux.v1.Hello;
import reflux.v1.LearnerGrpcClient;
import reflux.v1.Outcome;
import reflux.v1.Prompt;
import reflux.v1.RunEvent;
import reflux.v1.WatchRequest;

@Timeout(240)
class RingTest {
    @TempDir
    Path folder;

    private Ring ring;

    @BeforeEach
    void open() throws Exception {
        ring = new Ring(folder);
    }

    @AfterEach
    void close() throws Exception {
        ring.close();
    }

    @Test
    void twoTeachersOneGenerator_trainEveryRolloutOnceWithinTheBound() throws Exception {
        LearnerService learner = ring.learner("run", "{\"max_steps\": 12}");

        RunSummary summary = await(learner.completion());

        assertComplete(summary, 12);
        assertThat(summary.stalenessMax()).isBetween(1, 2);
        assertThat(summary.klPerTokenLast()).isFinite().isPositive();
        assertThat(summary.alignRatio()).isBetween(0.01, 1.0);
        assertThat(ModelDirectory.open(Path.of(summary.studentDir())).config().family())
                .isEqualTo("gpt2");
        assertThat(Files.readAllLines(ring.output("run").resolve("metrics.jsonl")))
                .hasSize(12);
        assertThat(ring.output("run").resolve("summary.json")).exists();
    }

    @Test
    void noStalenessAllowed_trainsOnThePolicyItself() throws Exception {
        RunSummary summary = await(
                ring.learner("run", "{\"max_steps\": 4, \"max_staleness\": 0}").completion());

        assertComplete(summary, 4);
        assertThat(summary.stalenessMax()).isZero();
    }

    @Test
    void tenFedPrompts_getTenOutcomesAndAreToldAgain() throws Exception {
        LearnerService learner = ring.learner("run", "{\"max_steps\": 40}");

        Map<String, Outcome> outcomes = feed(ring.client(learner), 10);
        Map<String, Outcome> again = feed(ring.client(learner), 10);

        assertThat(outcomes).hasSize(10);
        assertThat(again).isEqualTo(outcomes);
        assertThat(outcomes.values()).allSatisfy(outcome -> {
            assertThat(outcome.getStep()).isPositive();
            assertThat(outcome.getResponseTokens()).isPositive();
            assertThat(outcome.getStaleness()).isLessThanOrEqualTo(2);
        });
        assertComplete(await(learner.completion()), 40);
    }

    @Test
    void teacherLostInMidRun_costsNoRollout() throws Exception {
        LearnerService learner = ring.learner("run", "{\"max_steps\": 20}");
        await(event(ring, learner, event -> event.getStep().getStep() >= 3));

        ring.killTeacher();

        assertComplete(await(learner.completion()), 20);
    }

    @Test
    void generatorReplaced_isGivenTheNewestWeightsAndTheRunGoesOn() throws Exception {
        LearnerService learner = ring.learner("run", "{\"max_steps\": 20}");
        await(event(ring, learner, event -> event.getStep().getStep() >= 3));

        ring.replaceGenerator();

        RunSummary summary = await(learner.completion());
        assertComplete(summary, 20);
        assertThat(summary.stalenessMax()).isLessThanOrEqualTo(2);
    }

    @Test
    void drainedAndResumed_goesOnToTheEnd() throws Exception {
        LearnerService first = ring.learner("run", "{\"max_steps\": 30}");
        await(event(ring, first, event -> event.getStep().getStep() >= 3));
        await(first.drain(Duration.ofSeconds(10)));
        RunSummary half = await(first.completion());

        RunSummary whole = await(
                ring.learner("run", "{\"max_steps\": 30, \"resume\": true}").completion());

        assertThat(half.completed()).isFalse();
        assertThat(half.steps()).isBetween(3L, 29L);
        assertThat(half.lost()).isZero();
        assertComplete(whole, 30);
        assertThat(Files.readAllLines(ring.output("run").resolve("metrics.jsonl")))
                .hasSize(30);
    }

    @Test
    void resumedFromOlderCheckpoint_publishesToTheGeneratorThatIsAhead() throws Exception {
        assertComplete(
                await(ring.learner("run", "{\"max_steps\": 12, \"save_steps\": 5, \"save_total_limit\": 0}")
                        .completion()),
                12);
        Path older = ring.output("run").resolve("checkpoint-5");

        RunSummary again = await(ring.learner("run", "{\"max_steps\": 12, \"resume\": \"" + older + "\"}")
                .completion());

        assertComplete(again, 12);
        assertThat(again.stalenessMax()).isLessThanOrEqualTo(2);
    }

    @Test
    void timeOver_trainsWhatIsOpenAndEnds() throws Exception {
        RunSummary summary = await(ring.learner("run", "{\"max_steps\": 100000, \"max_seconds\": 3}")
                .completion());

        assertThat(summary.completed()).isTrue();
        assertThat(summary.reason()).isEqualTo("max_seconds reached");
        assertThat(summary.rolloutsTrained())
                .isEqualTo(summary.rolloutsIssued())
                .isPositive();
        assertThat(summary.lost()).isZero();
    }

    static void assertComplete(RunSummary summary, long steps) {
        assertThat(summary.completed()).isTrue();
        assertThat(summary.steps()).isEqualTo(steps);
        assertThat(summary.rolloutsIssued()).isEqualTo(8 * steps).isEqualTo(summary.rolloutsTrained());
        assertThat(summary.lost()).isZero();
        assertThat(summary.duplicated()).isZero();
        assertThat(summary.open()).isZero();
    }

    /** The first event that is asked for, from the run's beginning on. */
    static Future<RunEvent> event(Ring ring, LearnerService learner, Predicate<RunEvent> wanted) {
        Promise<RunEvent> found = Promise.promise();
        ClientStream<WatchRequest, RunEvent> watch = ring.client(learner)
                .serverStream(
                        LearnerGrpcClient.Watch,
                        WatchRequest.newBuilder().setReplay(true).build(),
                        event -> {
                            if (wanted.test(event)) {
                                found.tryComplete(event);
                            }
                        });
        return found.future().onComplete(done -> watch.cancel());
    }

    private static Map<String, Outcome> feed(RpcClient client, int prompts) throws Exception {
        Map<String, Outcome> outcomes = new TreeMap<>();
        FeedIn hello = FeedIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId("test").setWanted(prompts))
                .build();
        Promise<Void> granted = Promise.promise();
        ClientStream<FeedIn, FeedOut> stream = client.bidi(LearnerGrpcClient.Feed, hello, message -> {
            if (message.hasCredit()) {
                granted.tryComplete();
            } else if (message.hasOutcome()) {
                outcomes.put(message.getOutcome().getId(), message.getOutcome());
            }
        });
        await(granted.future());
        for (int i = 0; i < prompts; i++) {
            stream.writer()
                    .write(FeedIn.newBuilder()
                            .setPrompt(FeedPrompt.newBuilder()
                                    .setId("fed-" + i)
                                    .setPrompt(Prompt.newBuilder().setText("hello fed " + i)))
                            .build());
        }
        stream.writer().end();
        await(stream.completed());
        await(client.close());
        return outcomes;
    }
}
