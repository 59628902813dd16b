// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reflux.learner.ledger.Samples.request;
import static reflux.learner.ledger.Samples.sample;

import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger(new Admission(2, 1, 100));

    @Test
    void batchComplete_isTakenInOrderOfAdmission() {
        Admitted first = ledger.issue(request("a"), 0);
        Admitted second = ledger.issue(request("b"), 0);
        ledger.accept(sample(second, 0));
        assertThat(ledger.take(0)).isEmpty();
        ledger.accept(sample(first, 0));

        List<Sample> batch = ledger.take(0);

        assertThat(batch).extracting(Sample::id).containsExactly("a", "b");
        ledger.trained(batch);
        assertThat(ledger.counts()).isEqualTo(new LedgerCounts(2, 2, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void sameResultTwice_isCountedAndIgnored() {
        Admitted admitted = ledger.issue(request("a"), 0);

        assertThat(ledger.accept(sample(admitted, 0))).isEqualTo(Acceptance.ACCEPTED);
        assertThat(ledger.accept(sample(admitted, 0))).isEqualTo(Acceptance.DUPLICATE);

        assertThat(ledger.counts().accepted()).isEqualTo(1);
        assertThat(ledger.counts().lateResults()).isEqualTo(1);
    }

    @Test
    void tokenOlderThanAdmission_staysOutstanding() {
        Admitted admitted = ledger.issue(request("a"), 3);

        assertThat(ledger.accept(sample(admitted, 2))).isEqualTo(Acceptance.OLDER_THAN_ADMITTED);

        assertThat(ledger.outstanding()).containsExactly(admitted);
    }

    @Test
    void dueRolloutOutstanding_makesStepWait() {
        Admitted slow = ledger.issue(request("slow"), 0);
        Admitted quick = ledger.issue(request("quick"), 0);
        Admitted later = ledger.issue(request("later"), 0);
        ledger.accept(sample(quick, 0));
        ledger.accept(sample(later, 0));

        assertThat(ledger.take(1)).isEmpty();
        ledger.accept(sample(slow, 0));

        assertThat(ledger.take(1)).extracting(Sample::id).contains("slow");
    }

    @Test
    void dueRollout_goesBeforeEarlierFinished() {
        Admitted old = ledger.issue(request("old"), 0);
        Admitted quick = ledger.issue(request("quick"), 1);
        Admitted later = ledger.issue(request("later"), 1);
        ledger.accept(sample(quick, 1));
        ledger.accept(sample(later, 1));
        ledger.accept(sample(old, 0));

        assertThat(ledger.take(1)).extracting(Sample::id).containsExactly("old", "quick");
    }

    @Test
    void closed_trainsWhatIsOpenInSmallerStep() {
        Admitted admitted = ledger.issue(request("a"), 0);
        ledger.accept(sample(admitted, 0));
        assertThat(ledger.take(0)).isEmpty();

        ledger.close();

        assertThat(ledger.take(0)).hasSize(1);
        assertThat(ledger.mayIssue(50)).isZero();
    }

    @Test
    void refused_isReplacedAndNotLost() {
        ledger.issue(request("a"), 0);
        assertThat(ledger.mayIssue(0)).isEqualTo(3);

        assertThat(ledger.refuse("a")).isPresent();

        assertThat(ledger.mayIssue(0)).isEqualTo(4);
        assertThat(ledger.counts().lost()).isZero();
    }

    @Test
    void sameIdWhileOpen_isRefused() {
        ledger.issue(request("a"), 0);

        assertThatThrownBy(() -> ledger.issue(request("a"), 0)).hasMessage("rollout a is already open");
    }

    @Test
    void restored_hasAllOpenRolloutsOutstanding() {
        Admitted waiting = ledger.issue(request("waiting"), 0);
        Admitted done = ledger.issue(request("done"), 0);
        Admitted other = ledger.issue(request("other"), 0);
        ledger.accept(sample(done, 0));
        ledger.accept(sample(other, 0));
        ledger.trained(ledger.take(0));

        Ledger restored = Ledger.restore(new Admission(2, 1, 100), ledger.state(), 1);

        assertThat(restored.outstanding()).containsExactly(waiting.at(1));
        assertThat(restored.counts()).isEqualTo(new LedgerCounts(3, 2, 0, 1, 0, 0, 0, 0));
        assertThat(restored.issue(request("next"), 1).sequence()).isEqualTo(3);
    }

    @Test
    void samplingSeed_dependsOnRunAndIdOnly() {
        Admitted admitted = ledger.issue(request("a"), 0);
        Admitted other = ledger.issue(request("b"), 0);

        assertThat(admitted.at(7).samplingSeed(42)).isEqualTo(admitted.samplingSeed(42));
        assertThat(admitted.samplingSeed(42))
                .isNotEqualTo(admitted.samplingSeed(43))
                .isNotEqualTo(other.samplingSeed(42));
    }

    @Test
    void replayedSample_mayBeOlderThanAdmission() {
        Admitted admitted = ledger.issue(replay("a@r1"), 3);

        assertThat(ledger.accept(sample(admitted, 0))).isEqualTo(Acceptance.ACCEPTED);
    }

    @Test
    void openReplays_areLeftOutOfACheckpointAndOthersAdmittedInTheirPlaces() {
        Admitted fresh = ledger.issue(request("a"), 0);
        Admitted replayed = ledger.issue(replay("z@r1"), 0);
        ledger.accept(sample(replayed, 0));

        LedgerState state = ledger.state();
        Ledger restored = Ledger.restore(new Admission(2, 1, 100), state, 0);

        assertThat(state.open()).containsExactly(fresh);
        assertThat(restored.counts()).isEqualTo(new LedgerCounts(1, 0, 0, 1, 0, 0, 0, 0));
        assertThat(restored.mayIssue(0)).isEqualTo(ledger.mayIssue(0) + 1);
        assertThat(restored.nextSequence()).isEqualTo(2);
    }

    private static RolloutRequest replay(String id) {
        return new RolloutRequest(id, request(id).prompt(), "", Origin.REPLAY);
    }
}
