// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.data.Cursor;
import reflux.learner.data.Example;
import reflux.learner.data.FilePrompts;
import reflux.learner.data.FixedShares;
import reflux.learner.data.ReplayBuffer;
import reflux.learner.ledger.Admission;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Ledger;
import reflux.learner.ledger.LedgerState;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.RolloutRequest;
import reflux.learner.ledger.Sample;
import reflux.learner.step.TinyRun;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;

/** Sources, ledger and replay buffer together, as a run has them; seed 42. */
class SourcesTest {
    private static final long SEED = 42;
    private static final int BATCH = 8;
    private static final Admission ADMISSION = new Admission(BATCH, 1, 100 * BATCH);

    @TempDir
    Path folder;

    private TextTokenizer tokenizer;

    @BeforeEach
    void open() {
        tokenizer = TinyRun.student(folder).openTokenizer();
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void mixedRun_trainsEachRolloutOnceFromItsSource() {
        Ledger ledger = new Ledger(ADMISSION);
        Map<String, Origin> trained = run(sources(Cursor.START), ledger, 0, 60);

        assertThat(trained).hasSize(60 * BATCH);
        assertThat(new HashSet<>(trained.values()))
                .containsExactlyInAnyOrder(Origin.FILE, Origin.DATASET, Origin.REPLAY);
        assertThat(count(trained, Origin.REPLAY)).isBetween(60L, 180L);
        assertThat(count(trained, Origin.FILE)).isBetween(120L, 240L);
        assertThat(trained)
                .allSatisfy((id, origin) -> assertThat(id.contains("@r")).isEqualTo(origin == Origin.REPLAY));
        assertThat(ledger.counts().lost()).isZero();
        assertThat(ledger.counts().duplicated()).isZero();
    }

    @Test
    void resumedRun_drawsTheSameSourcesAndLosesNothing() {
        Map<String, Origin> whole = run(sources(Cursor.START), new Ledger(ADMISSION), 0, 40);
        Sources first = sources(Cursor.START);
        Ledger before = new Ledger(ADMISSION);
        Map<String, Origin> parts = run(first, before, 0, 20);
        admit(first, before, new ArrayList<>(), 20);
        LedgerState state = before.state();

        Ledger after = Ledger.restore(ADMISSION, state, 20);
        parts.putAll(run(sources(first.cursor()), after, 20, 40));

        assertThat(parts).hasSize(40 * BATCH);
        assertThat(after.counts().trained()).isEqualTo(40 * BATCH);
        assertThat(after.counts().lost()).isZero();
        assertThat(after.counts().duplicated()).isZero();
        parts.forEach((id, origin) -> {
            if (whole.containsKey(id)) {
                assertThat(origin).isEqualTo(whole.get(id));
            }
        });
    }

    @Test
    void fedPrompt_comesFirstAndIsAnsweredByTheStudent() {
        Sources sources = sources(Cursor.START);
        sources.feed(new RolloutRequest("mine", new PromptText.Text("hello"), "", Origin.FEED));

        Sources.Next next = sources.next(0, 0).orElseThrow();

        assertThat(next.request().id()).isEqualTo("mine");
        assertThat(next.request().origin()).isEqualTo(Origin.FEED);
    }

    /** Steps from {@code from} up to {@code to}; everything that is asked for comes back at once. */
    private static Map<String, Origin> run(Sources sources, Ledger ledger, long from, long to) {
        Map<String, Origin> trained = new TreeMap<>();
        List<Sample> arriving = new ArrayList<>();
        ledger.outstanding().forEach(open -> arriving.add(sample(open, from)));
        for (long step = from; step < to; step++) {
            admit(sources, ledger, arriving, step);
            arriving.forEach(ledger::accept);
            arriving.clear();
            List<Sample> batch = ledger.take(step);
            assertThat(batch).hasSize(BATCH);
            batch.forEach(sample -> trained.put(sample.id(), sample.admitted().origin()));
            ledger.trained(batch);
            sources.trained(batch, step + 1);
        }
        return trained;
    }

    private static void admit(Sources sources, Ledger ledger, List<Sample> arriving, long step) {
        for (long left = ledger.mayIssue(step); left > 0; left--) {
            Sources.Next next = sources.next(ledger.nextSequence(), step).orElseThrow();
            Admitted admitted = ledger.issue(next.request(), step);
            arriving.add(next.replayed().map(sample -> sample.as(admitted)).orElseGet(() -> sample(admitted, step)));
        }
    }

    private Sources sources(Cursor cursor) {
        List<Example> examples = IntStream.range(0, 50)
                .mapToObj(i -> new Example(new PromptText.Text("p" + i), List.of("r"), "f:" + i))
                .toList();
        return new Sources(
                new PromptQueue(
                        Optional.of(new FilePrompts(examples, SEED, 1, cursor)), new PromptCheck(tokenizer, 64)),
                new FixedShares(SEED, 0.5, Origin.DATASET, 0.25),
                new ReplayBuffer(SEED, 30, 0));
    }

    private static long count(Map<String, Origin> trained, Origin origin) {
        return trained.values().stream().filter(origin::equals).count();
    }

    private static Sample sample(Admitted admitted, long version) {
        return new Sample(
                admitted,
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
