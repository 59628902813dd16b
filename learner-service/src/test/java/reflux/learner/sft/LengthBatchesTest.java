// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LengthBatchesTest {
    private static final int BUDGET = 64;
    private static final List<SftExample> EXAMPLES = examples(500, 5);

    @Test
    void epoch_holdsEachExampleOnce() {
        List<SftExample> seen = new LengthBatches(EXAMPLES, BUDGET, 1)
                .epoch(0).stream().flatMap(List::stream).toList();

        assertThat(seen).containsExactlyInAnyOrderElementsOf(EXAMPLES);
    }

    @Test
    void batches_stayWithinTheBudget() {
        for (List<SftExample> batch : new LengthBatches(EXAMPLES, BUDGET, 1).epoch(0)) {
            int longest = batch.stream().mapToInt(SftExample::length).max().orElse(0);
            assertThat(longest * batch.size()).isLessThanOrEqualTo(BUDGET);
        }
    }

    @Test
    void longerThanTheBudget_goesAlone() {
        SftExample big = SftExample.of(new int[] {1}, new int[100], 0);

        assertThat(new LengthBatches(List.of(big), BUDGET, 1).epoch(0)).containsExactly(List.of(big));
    }

    @Test
    void sameSeedAndEpoch_giveTheSameBatches_othersDoNot() {
        LengthBatches batches = new LengthBatches(EXAMPLES, BUDGET, 1);

        assertThat(new LengthBatches(EXAMPLES, BUDGET, 1).epoch(3)).isEqualTo(batches.epoch(3));
        assertThat(batches.epoch(4)).isNotEqualTo(batches.epoch(3));
        assertThat(new LengthBatches(EXAMPLES, BUDGET, 2).epoch(3)).isNotEqualTo(batches.epoch(3));
    }

    @Test
    void example_predictsResponseAndEndFromTheRowBeforeEach() {
        SftExample example = SftExample.of(new int[] {7, 8}, new int[] {3, 4}, 2);

        assertThat(example.input().toArray()).containsExactly(7, 8, 3, 4);
        assertThat(example.labels().toArray()).containsExactly(3, 4, 2);
        assertThat(example.firstRow()).isEqualTo(1);
    }

    private static List<SftExample> examples(int count, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, count)
                .mapToObj(i -> SftExample.of(new int[] {i}, new int[1 + random.nextInt(20)], 0))
                .toList();
    }
}
