// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

class StepSourcesTest {
    private final StepSources sources = new StepSources(
            List.of(
                    sample(Origin.FILE, 6, Finish.STOP, 1),
                    sample(Origin.FILE, 5, Finish.LENGTH, 4),
                    sample(Origin.DATASET, 7, Finish.STOP, 2),
                    sample(Origin.REPLAY, 1, Finish.LENGTH, 3)),
            7);

    @Test
    void metrics_areOfEachOriginThatIsThere() {
        assertThat(sources.metrics())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("share_on_policy", 0.5),
                        Map.entry("length_on_policy", 2.5),
                        Map.entry("truncated_on_policy", 0.5),
                        Map.entry("share_dataset", 0.25),
                        Map.entry("length_dataset", 2.0),
                        Map.entry("truncated_dataset", 0.0),
                        Map.entry("share_replay", 0.25),
                        Map.entry("length_replay", 3.0),
                        Map.entry("truncated_replay", 1.0),
                        Map.entry("replay_age_mean", 6.0),
                        Map.entry("replay_age_max", 6.0)));
        assertThat(sources.counts()).isEqualTo(Map.of("on_policy", 2L, "dataset", 1L, "replay", 1L));
        assertThat(sources.truncated()).isEqualTo(2);
    }

    @Test
    void replayedSamples_areNoPartOfTheStaleness() {
        assertThat(sources.staleness().max()).isEqualTo(2);
        assertThat(sources.staleness().mean()).isEqualTo(1);
    }

    private static Sample sample(Origin origin, long version, Finish finish, int tokens) {
        return new Sample(
                new Admitted("a", new PromptText.Text("p"), "", origin, 0, version),
                TokenIds.of(new int[tokens]),
                ByteBuffer.allocate(0),
                ByteBuffer.allocate(0),
                version,
                1,
                finish,
                ByteString.EMPTY,
                Sample.Score.NONE);
    }
}
