// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.learner.data.SourceRule.Place;
import reflux.learner.ledger.Origin;

class FixedSharesTest {
    private static final int PROMPTS = 10_000;

    private final List<String> ids = IntStream.range(0, PROMPTS)
            .mapToObj(i -> String.format("e0-%08d", i))
            .toList();

    @Test
    void half_isHalfOfThePrompts() {
        long onPolicy = ids.stream()
                .filter(id -> rule(42, 0.5).origin(id, place(0)) == Origin.FILE)
                .count();

        assertThat((double) onPolicy / PROMPTS).isCloseTo(0.5, within(0.02));
    }

    @Test
    void zeroAndOne_areNeverAndAlways() {
        assertThat(ids).allMatch(id -> rule(42, 0).origin(id, place(0)) == Origin.DATASET);
        assertThat(ids).allMatch(id -> rule(42, 1).origin(id, place(0)) == Origin.FILE);
    }

    @Test
    void otherOrderAndPlaces_changeNothing() {
        List<String> shuffled = new ArrayList<>(ids);
        Collections.shuffle(shuffled, new Random(7));

        assertThat(origins(shuffled, 5_000)).isEqualTo(origins(ids, 0));
    }

    @Test
    void otherSeed_drawsAnew() {
        long same = ids.stream()
                .filter(id ->
                        rule(42, 0.5).origin(id, place(0)) == rule(43, 0.5).origin(id, place(0)))
                .count();

        assertThat((double) same / PROMPTS).isCloseTo(0.5, within(0.02));
    }

    @Test
    void replayRatio_isShareOfPlaces() {
        FixedShares rule = new FixedShares(42, 1, Origin.DATASET, 0.25);

        long replayed =
                IntStream.range(0, PROMPTS).filter(i -> rule.replays(place(i))).count();

        assertThat((double) replayed / PROMPTS).isCloseTo(0.25, within(0.02));
        assertThat(IntStream.range(0, PROMPTS)).noneMatch(i -> rule(42, 1).replays(place(i)));
    }

    private static Map<String, Origin> origins(List<String> ids, long firstPlace) {
        Map<String, Origin> origins = new TreeMap<>();
        long place = firstPlace;
        for (String id : ids) {
            origins.put(id, rule(42, 0.3).origin(id, place(place++)));
        }
        return origins;
    }

    private static FixedShares rule(long seed, double lmbda) {
        return new FixedShares(seed, lmbda, Origin.DATASET, 0);
    }

    private static Place place(long sequence) {
        return new Place(sequence, 0, false);
    }
}
