// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ScoreBatcherTest {

    private static final long ROOM = Long.MAX_VALUE;

    @Test
    void nothingWaits_noBatch() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(100);

        assertThat(batcher.next(ROOM)).isEmpty();
        assertThat(batcher.hasNext(ROOM)).isFalse();
    }

    @Test
    void similarLengths_goTogetherInOrderOfArrival() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(100);
        batcher.add("a", 20, 1);
        batcher.add("b", 25, 1);
        batcher.add("c", 18, 1);

        assertThat(batcher.next(ROOM)).containsExactly("a", "b", "c");
        assertThat(batcher.size()).isZero();
    }

    @Test
    void budgetReached_nearestInLengthAreChosen() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(60);
        batcher.add("oldest", 20, 1);
        batcher.add("longer", 30, 1);
        batcher.add("near", 19, 1);
        batcher.add("same", 20, 1);

        assertThat(batcher.next(ROOM)).containsExactly("oldest", "near", "same");
        assertThat(batcher.next(ROOM)).containsExactly("longer");
    }

    @Test
    void farLonger_isLeftForItsOwnBatch() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(10_000);
        batcher.add("short", 10, 1);
        batcher.add("long", 1000, 1);

        assertThat(batcher.next(ROOM)).containsExactly("short");
        assertThat(batcher.next(ROOM)).containsExactly("long");
    }

    @Test
    void manyShortOnesKeepComing_oldLongOneIsNext() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(1000);
        batcher.add("first", 10, 1);
        batcher.add("long", 1000, 1);
        for (int i = 0; i < 100; i++) {
            batcher.add("short" + i, 10, 1);
        }

        assertThat(batcher.next(ROOM)).contains("first").doesNotContain("long");
        for (int i = 0; i < 100; i++) {
            batcher.add("later" + i, 10, 1);
        }
        assertThat(batcher.next(ROOM)).containsExactly("long");
    }

    @Test
    void answersWouldNotFit_areLeft() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(1000);
        batcher.add("a", 10, 60);
        batcher.add("b", 10, 60);
        batcher.add("c", 10, 40);

        assertThat(batcher.next(100)).containsExactly("a", "c");
        assertThat(batcher.next(59)).isEmpty();
        assertThat(batcher.hasNext(59)).isFalse();
        assertThat(batcher.next(60)).containsExactly("b");
    }

    @Test
    void withdrawn_isNotComputed() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(100);
        long a = batcher.add("a", 10, 1);
        batcher.add("b", 10, 1);

        assertThat(batcher.withdraw(a)).isTrue();
        assertThat(batcher.withdraw(a)).isFalse();
        assertThat(batcher.next(ROOM)).containsExactly("b");
    }

    @Test
    void longerThanBudget_isRefused() {
        ScoreBatcher<String> batcher = new ScoreBatcher<>(100);

        assertThatThrownBy(() -> batcher.add("a", 101, 1)).hasMessage("tokens must be 1 to 100, was 101");
    }

    @Test
    void randomArrivals_eachIsChosenOnceWithinBudgetAndNoneWaitsLongerThanThoseBefore() {
        Random random = new Random(7);
        ScoreBatcher<Integer> batcher = new ScoreBatcher<>(512);
        Map<Integer, Integer> tokens = new HashMap<>();
        List<Integer> chosen = new ArrayList<>();
        for (int round = 0; round < 400; round++) {
            for (int i = random.nextInt(8); i > 0; i--) {
                int length = 1 + random.nextInt(random.nextInt(5) == 0 ? 512 : 40);
                tokens.put(tokens.size(), length);
                batcher.add(tokens.size() - 1, length, 1);
            }
            int oldest = firstMissing(chosen);
            List<Integer> batch = batcher.next(ROOM);
            int longest = batch.stream().mapToInt(tokens::get).max().orElse(0);
            assertThat(batch.size() * longest).isLessThanOrEqualTo(512);
            if (!batch.isEmpty()) {
                assertThat(batch).first().isEqualTo(oldest);
            }
            chosen.addAll(batch);
        }
        for (List<Integer> batch = batcher.next(ROOM); !batch.isEmpty(); batch = batcher.next(ROOM)) {
            chosen.addAll(batch);
        }

        assertThat(chosen).doesNotHaveDuplicates().hasSize(tokens.size());
    }

    private static int firstMissing(List<Integer> chosen) {
        int[] sorted = chosen.stream().mapToInt(Integer::intValue).sorted().toArray();
        int next = 0;
        while (next < sorted.length && sorted[next] == next) {
            next++;
        }
        return next;
    }
}
