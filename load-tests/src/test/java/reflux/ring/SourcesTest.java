// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reflux.ring.Ring.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.LearnerService;
import reflux.learner.RunSummary;

/** Responses from the student, a teacher, the files and the replay buffer in one run, over loopback. */
@Timeout(240)
class SourcesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEPS = 20;

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
    void studentTeacherAndReplay_addUpAndLoseNothing() throws Exception {
        RunSummary summary = await(ring.learner("run", mixed("\"lmbda\": 0.5, \"replay_ratio\": 0.25, "))
                .completion());

        assertComplete(summary);
        assertThat(summary.rolloutsByOrigin()).containsOnlyKeys("on_policy", "teacher", "replay");
        assertThat(summary.rolloutsByOrigin().get("teacher")).isBetween(30L, 90L);
        assertThat(summary.rolloutsByOrigin().get("on_policy")).isBetween(30L, 90L);
        assertThat(summary.rolloutsByOrigin().get("replay")).isPositive();
        assertThat(summary.stalenessMax()).isLessThanOrEqualTo(2);
        List<JsonNode> steps = metrics("run");
        assertThat(steps).hasSize(STEPS).allSatisfy(step -> assertThat(shares(step))
                .isEqualTo(1));
        assertThat(steps).anyMatch(step -> step.path("replay_age_max").asDouble() > 2);
    }

    @Test
    void goldResponses_passTheDoorOfSampledOnes() throws Exception {
        RunSummary summary = await(ring.learner("run", "{\"max_steps\": " + STEPS + ", \"lmbda\": 0}")
                .completion());

        assertComplete(summary);
        assertThat(summary.rolloutsByOrigin()).isEqualTo(Map.of("dataset", 8L * STEPS));
        assertThat(summary.klPerTokenLast()).isFinite().isPositive();
        assertThat(summary.truncatedRatio()).isZero();
    }

    @Test
    void drainedInMidRun_goesOnWithAllSources() throws Exception {
        String config = mixed("\"lmbda\": 0.5, \"replay_ratio\": 0.25, \"resume\": true, ");
        LearnerService first = ring.learner("run", config);
        await(RingTest.event(ring, first, event -> event.getStep().getStep() >= 5));
        await(first.drain(Duration.ofSeconds(10)));
        await(first.completion());

        RunSummary whole = await(ring.learner("run", config).completion());

        assertComplete(whole);
        assertThat(metrics("run")).hasSize(STEPS);
    }

    @Test
    void generatorReplaced_repeatsEverySource() throws Exception {
        String config = mixed("\"lmbda\": 0.5, ");
        LearnerService earlier = ring.learner("undisturbed", config);
        RunSummary undisturbed = await(earlier.completion());
        await(earlier.close());
        LearnerService disturbed = ring.learner("disturbed", config);
        await(RingTest.event(ring, disturbed, event -> event.getStep().getStep() >= 3));

        ring.replaceGenerator();

        RunSummary summary = await(disturbed.completion());
        assertComplete(summary);
        assertThat(summary.rolloutsByOrigin()).isEqualTo(undisturbed.rolloutsByOrigin());
    }

    @Test
    void linesWithoutResponses_areRefusedByFileAndLine() throws Exception {
        Path bare = Files.writeString(folder.resolve("bare.jsonl"), "{\"prompt\": \"hello\"}\n");

        assertThatThrownBy(() -> ring.learner("run", "{\"lmbda\": 0.5, \"train_data\": [\"" + bare + "\"]}"))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining(bare + ":1: there is no response, but learner.lmbda is 0.5; set it to 1");
    }

    private String mixed(String keys) {
        return "{" + keys + "\"max_steps\": " + STEPS + ", \"seq_kd\": true, \"seq_kd_generators\": [\""
                + ring.answering() + "\"]}";
    }

    private static void assertComplete(RunSummary summary) {
        assertThat(summary.completed()).isTrue();
        assertThat(summary.rolloutsTrained())
                .isEqualTo(8L * STEPS)
                .isEqualTo(summary.rolloutsIssued())
                .isEqualTo(summary.rolloutsByOrigin().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        assertThat(summary.lost()).isZero();
        assertThat(summary.duplicated()).isZero();
        assertThat(summary.open()).isZero();
    }

    private List<JsonNode> metrics(String run) throws IOException {
        try (Stream<String> lines = Files.lines(ring.output(run).resolve("metrics.jsonl"))) {
            return lines.map(SourcesTest::json).toList();
        }
    }

    private static double shares(JsonNode step) {
        return Stream.of("on_policy", "teacher", "replay")
                .mapToDouble(origin -> step.path("share_" + origin).asDouble())
                .sum();
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
