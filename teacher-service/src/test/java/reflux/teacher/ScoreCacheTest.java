// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import reflux.model.text.TokenIds;
import reflux.teacher.AskedPayload.HiddenStates;
import reflux.teacher.AskedPayload.SampledLogProb;
import reflux.v1.DataType;

final class ScoreCacheTest {

    private static final List<AskedPayload> HIDDEN = List.of(new HiddenStates(DataType.DATA_TYPE_BF16));

    @Test
    void differentPayloadOrBorderOrTokens_isAnotherScore() {
        ScoreCache cache = new ScoreCache(1 << 20);
        cache.put(new ScoreKey(TokenIds.of(1, 2, 3), 1, HIDDEN), score(8));

        assertThat(cache.find(new ScoreKey(TokenIds.of(1, 2, 3), 1, HIDDEN))).isPresent();
        assertThat(cache.find(new ScoreKey(TokenIds.of(1, 2, 3), 2, HIDDEN))).isEmpty();
        assertThat(cache.find(new ScoreKey(TokenIds.of(1, 2, 4), 1, HIDDEN))).isEmpty();
        assertThat(cache.find(new ScoreKey(TokenIds.of(1, 2, 3), 1, List.of(new SampledLogProb()))))
                .isEmpty();
        assertThat(cache.find(new ScoreKey(TokenIds.of(1, 2, 3), 1, List.of(new HiddenStates(DataType.DATA_TYPE_F32)))))
                .isEmpty();
    }

    @Test
    void full_keepsItsWeight() {
        ScoreCache cache = new ScoreCache(10_000);
        for (int i = 0; i < 100; i++) {
            cache.put(new ScoreKey(TokenIds.of(i, 2), 1, HIDDEN), score(1000));
        }

        assertThat(cache.weight()).isBetween(1L, 10_000L);
    }

    @Test
    void zeroBytes_keepsNothing() {
        ScoreCache cache = new ScoreCache(0);
        cache.put(new ScoreKey(TokenIds.of(1, 2), 1, HIDDEN), score(1));

        assertThat(cache.find(new ScoreKey(TokenIds.of(1, 2), 1, HIDDEN))).isEmpty();
    }

    private static Score score(int bytes) {
        return new Score(List.of(ByteBuffer.allocate(bytes)));
    }
}
