// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reflux.learner.data.ReplayBuffer.Replay;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

class ReplayBufferTest {
    private static final long SEED = 42;

    @Test
    void moreThanItsCapacity_dropsTheFirst() {
        ReplayBuffer buffer = new ReplayBuffer(SEED, 2, 0);

        buffer.trained(List.of(sample("a", Origin.FILE, 0), sample("b", Origin.FEED, 0)), 1);
        assertThat(buffer.isFull()).isTrue();
        buffer.trained(List.of(sample("c", Origin.FILE, 1)), 2);

        assertThat(Set.of(
                        drawn(buffer, 0).request().id(),
                        drawn(buffer, 1).request().id()))
                .containsExactlyInAnyOrder("b@r1", "c@r1");
    }

    @Test
    void givenResponses_areNotKept() {
        ReplayBuffer buffer = new ReplayBuffer(SEED, 9, 0);

        buffer.trained(List.of(sample("a", Origin.DATASET, 0), sample("b", Origin.TEACHER, 0)), 1);

        assertThat(buffer.draw(0)).isEmpty();
    }

    @Test
    void sampleOnItsWayIntoAStep_isNotDrawnTwice() {
        ReplayBuffer buffer = new ReplayBuffer(SEED, 9, 0);
        buffer.trained(List.of(sample("a", Origin.FILE, 0)), 1);

        Replay first = drawn(buffer, 0);

        assertThat(buffer.draw(1)).isEmpty();
        buffer.trained(List.of(sample(first.request().id(), Origin.REPLAY, 0)), 2);
        assertThat(drawn(buffer, 2).request().id()).isEqualTo("a@r2");
        assertThat(buffer.size()).isEqualTo(1);
    }

    @Test
    void tooOld_isDropped() {
        ReplayBuffer buffer = new ReplayBuffer(SEED, 9, 2);
        buffer.trained(List.of(sample("a", Origin.FILE, 0), sample("b", Origin.FILE, 1)), 2);
        assertThat(buffer.size()).isEqualTo(2);

        buffer.trained(List.of(), 3);

        assertThat(drawn(buffer, 0).request().id()).isEqualTo("b@r1");
    }

    @Test
    void draws_dependOnSeedAndPlaceOnlyAndReachEverySample() {
        Set<String> ids = new HashSet<>();
        for (int place = 0; place < 200; place++) {
            Replay one = drawn(filled(), place);
            assertThat(drawn(filled(), place)).isEqualTo(one);
            ids.add(one.request().id());
        }

        assertThat(ids).hasSize(8);
    }

    private static ReplayBuffer filled() {
        ReplayBuffer buffer = new ReplayBuffer(SEED, 8, 0);
        for (int i = 0; i < 8; i++) {
            buffer.trained(List.of(sample("s" + i, Origin.FILE, 0)), 1);
        }
        return buffer;
    }

    private static Replay drawn(ReplayBuffer buffer, long place) {
        return buffer.draw(place).orElseThrow();
    }

    private static Sample sample(String id, Origin origin, long version) {
        return new Sample(
                new Admitted(id, new PromptText.Text("hello"), "", origin, 0, version),
                TokenIds.of(1),
                ByteBuffer.allocate(4),
                ByteBuffer.allocate(0),
                version,
                1,
                Finish.STOP,
                ByteString.EMPTY,
                Sample.Score.NONE);
    }
}
