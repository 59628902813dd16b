// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;

/** What the demo writes to report.json: qualities before and after, and the totals that the learner told. */
record DemoReport(
        Quality teacher,
        Quality studentBefore,
        Quality studentAfter,
        long steps,
        long trainedTokens,
        double tokensPerSecond,
        double stalenessMean,
        int stalenessMax,
        long rolloutsIssued,
        long rolloutsTrained,
        long lost,
        long duplicated,
        double alignRatio,
        long policyVersion,
        String studentDir,
        String studentBaseDir,
        double distillationSeconds,
        double totalSeconds) {
    private static final ObjectMapper JSON = new ObjectMapper()
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT);

    static DemoReport of(
            Quality teacher, Quality before, Quality after, JsonNode summary, Path base, double totalSeconds) {
        return new DemoReport(
                teacher,
                before,
                after,
                summary.path("steps").asLong(),
                summary.path("trained_tokens").asLong(),
                summary.path("tokens_per_second").asDouble(),
                summary.path("staleness_mean").asDouble(),
                summary.path("staleness_max").asInt(),
                summary.path("rollouts_issued").asLong(),
                summary.path("rollouts_trained").asLong(),
                summary.path("lost").asLong(),
                summary.path("duplicated").asLong(),
                summary.path("align_ratio").asDouble(),
                summary.path("policy_version").asLong(),
                summary.path("student_dir").asText(),
                base.toString(),
                summary.path("seconds").asDouble(),
                totalSeconds);
    }

    void write(Path file) throws IOException {
        JSON.writeValue(file.toFile(), this);
    }
}
