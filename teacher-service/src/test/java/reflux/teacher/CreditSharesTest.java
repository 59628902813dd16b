// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CreditSharesTest {

    @Test
    void firstStream_getsHalfAndGrowsWithUse() {
        CreditShares<String> shares = new CreditShares<>(64);
        shares.join("a", 0);
        assertThat(shares.held("a")).isEqualTo(32);

        for (int i = 0; i < 100; i++) {
            shares.itemEnded("a");
        }

        assertThat(shares.held("a")).isEqualTo(48);
    }

    @Test
    void wantsLittle_getsNoMore() {
        CreditShares<String> shares = new CreditShares<>(64);
        shares.join("a", 3);
        for (int i = 0; i < 10; i++) {
            shares.itemEnded("a");
        }

        assertThat(shares.held("a")).isEqualTo(3);
    }

    @Test
    void secondStream_growsAsTheFirstGivesBack() {
        CreditShares<String> shares = new CreditShares<>(64);
        shares.join("a", 0);
        for (int i = 0; i < 100; i++) {
            shares.itemEnded("a");
        }
        shares.join("b", 0);
        assertThat(shares.held("b")).isEqualTo(8);

        for (int i = 0; i < 200; i++) {
            shares.itemEnded("a");
            shares.itemEnded("b");
        }

        assertThat(shares.held("a")).isBetween(16, 32);
        assertThat(shares.held("b")).isBetween(16, 32);
    }

    @Test
    void oneForMany_goesRound() {
        CreditShares<String> shares = new CreditShares<>(1);
        shares.join("a", 4);
        shares.join("b", 4);
        assertThat(shares.held("b")).isZero();

        List<String> changed = shares.itemEnded("a");

        assertThat(shares.held("a") + shares.held("b")).isEqualTo(1);
        assertThat(changed).contains("a");
    }

    @Test
    void streamLeaves_starvedOnesAreFed() {
        CreditShares<String> shares = new CreditShares<>(1);
        shares.join("a", 4);
        shares.join("b", 4);

        assertThat(shares.leave("a")).containsExactly("b");
        assertThat(shares.held("b")).isEqualTo(1);
        assertThat(shares.leave("a")).isEmpty();
    }

    @Test
    void anyHistory_totalIsNeverExceededAndNoneStarvesForEver() {
        Random random = new Random(11);
        CreditShares<Integer> shares = new CreditShares<>(16);
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            int dice = random.nextInt(20);
            if (dice == 0 && open.size() < 30) {
                open.add(i);
                shares.join(i, random.nextInt(40));
            } else if (dice == 1 && !open.isEmpty()) {
                shares.leave(open.remove(random.nextInt(open.size())));
            } else if (!open.isEmpty()) {
                shares.itemEnded(open.get(random.nextInt(open.size())));
            }
            int held = open.stream().mapToInt(shares::held).sum();
            assertThat(held).isBetween(open.isEmpty() ? 0 : 1, 16);
        }
        open.forEach(shares::leave);
        shares.join(-1, 0);
        assertThat(shares.held(-1)).isEqualTo(8);
    }
}
