// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrefillPlanTest {
    @Test
    void nobodyWaitsOrNoSlot_choosesNone() {
        assertThat(PrefillPlan.choose(List.of(), 4, 100)).isEmpty();
        assertThat(PrefillPlan.choose(List.of(5), 0, 100)).isEmpty();
    }

    @Test
    void likeLengths_goTogetherAsFarAsSlotsReach() {
        assertThat(PrefillPlan.choose(List.of(5, 6, 4, 5), 3, 1000)).containsExactly(0, 1, 2);
    }

    @Test
    void unlikeLength_waitsAndIsPassedBy() {
        assertThat(PrefillPlan.choose(List.of(10, 100, 3, 12), 8, 1000)).containsExactly(0, 3);
    }

    @Test
    void paddedBatch_staysWithinBudget() {
        assertThat(PrefillPlan.choose(List.of(10, 15, 10, 10), 8, 30)).containsExactly(0, 1);
    }

    @Test
    void promptOverBudget_goesAlone() {
        assertThat(PrefillPlan.choose(List.of(50, 50), 8, 30)).containsExactly(0);
    }
}
