// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.data.AdaptiveSchedule;
import reflux.learner.data.Cursor;
import reflux.learner.eval.EvalMetric;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.FedOutcome;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.LedgerState;
import reflux.learner.ledger.Origin;
import reflux.model.text.Message;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

class CheckpointStoreTest {
    @TempDir
    Path folder;

    @Test
    void written_isReadAsItWas() {
        RunState state = state(7);

        Path directory = new CheckpointStore(folder, 0).write(state, CheckpointStoreTest::weights);

        assertThat(directory).isEqualTo(folder.resolve("checkpoint-7"));
        assertThat(new CheckpointStore(folder, 0).newest()).contains(new Checkpoint(directory, state));
        assertThat(folder.resolve("latest")).hasContent("checkpoint-7");
    }

    @Test
    void killedBeforeTheRename_leavesTheOldOneWhole() {
        new CheckpointStore(folder, 0).write(state(7), CheckpointStoreTest::weights);
        CheckpointStore killed = new CheckpointStore(folder, Retention.newest(0), (from, to) -> {
            throw new IOException("killed");
        });

        assertThatThrownBy(() -> killed.write(state(8), CheckpointStoreTest::weights))
                .isInstanceOf(UncheckedIOException.class);

        assertThat(newestStep()).isEqualTo(7);
        new CheckpointStore(folder, 0).write(state(8), CheckpointStoreTest::weights);
        assertThat(newestStep()).isEqualTo(8);
        assertThat(folder.resolve("checkpoint-8.unfinished")).doesNotExist();
    }

    @Test
    void killedWhileWriting_leavesTheOldOneWhole() {
        new CheckpointStore(folder, 0).write(state(7), CheckpointStoreTest::weights);

        assertThatThrownBy(() -> new CheckpointStore(folder, 0).write(state(8), directory -> {
                    weights(directory);
                    throw new IOException("disk full");
                }))
                .hasMessageContaining("checkpoint-8: the checkpoint cannot be written: disk full");

        assertThat(newestStep()).isEqualTo(7);
    }

    @Test
    void sameStepAgain_replacesIt() {
        CheckpointStore store = new CheckpointStore(folder, 0);
        store.write(state(7), CheckpointStoreTest::weights);
        store.write(state(7), CheckpointStoreTest::weights);

        assertThat(newestStep()).isEqualTo(7);
    }

    @Test
    void flippedByte_isDetectedAndTheOneBeforeIsUsed() throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 0);
        store.write(state(7), CheckpointStoreTest::weights);
        Path damaged = store.write(state(8), CheckpointStoreTest::weights);
        Files.writeString(damaged.resolve("model.safetensors"), "weightz");

        assertThatThrownBy(() -> CheckpointStore.open(damaged))
                .hasMessageContaining("model.safetensors is not as it was written");
        assertThat(newestStep()).isEqualTo(7);
    }

    @Test
    void olderOnes_areRemovedBeyondTheLimit() {
        CheckpointStore store = new CheckpointStore(folder, 2);
        for (int step : List.of(8, 9, 10)) {
            store.write(state(step), CheckpointStoreTest::weights);
        }

        assertThat(folder.resolve("checkpoint-8")).doesNotExist();
        assertThat(folder.resolve("checkpoint-9")).exists();
        assertThat(newestStep()).isEqualTo(10);
    }

    @Test
    void bestOnes_areKeptBesideTheNewest_evenByAStoreOpenedLater() {
        Retention retention = new Retention(1, 2, EvalMetric.PER);
        double[] errors = {0.5, 0.2, 0.4, 0.2, 0.9, 0.3};
        for (int step = 1; step <= errors.length; step++) {
            new CheckpointStore(folder, retention)
                    .write(
                            state(step),
                            Map.of("per", errors[step - 1], "loss", 9.0 - step),
                            CheckpointStoreTest::weights);
        }
        new CheckpointStore(folder, retention).write(state(7), CheckpointStoreTest::weights);

        assertThat(folder).isDirectoryContaining("glob:**/checkpoint-2");
        assertThat(folder).isDirectoryContaining("glob:**/checkpoint-4");
        assertThat(folder).isDirectoryContaining("glob:**/checkpoint-7");
        for (int gone : List.of(1, 3, 5, 6)) {
            assertThat(folder.resolve("checkpoint-" + gone)).doesNotExist();
        }
        assertThat(new CheckpointStore(folder, retention).best())
                .contains(new BestCheckpoint(folder.resolve("checkpoint-2"), 2, "per", 0.2));
        assertThat(newestStep()).isEqualTo(7);
    }

    @Test
    void higherIsBetter_forMatches_andOtherScoresDoNotCount() {
        Retention retention = new Retention(1, 1, EvalMetric.EXACT_MATCH);
        CheckpointStore store = new CheckpointStore(folder, retention);
        store.write(state(1), Map.of("exact_match", 0.3), CheckpointStoreTest::weights);
        store.write(state(2), Map.of("exact_match", Double.NaN), CheckpointStoreTest::weights);
        store.write(state(3), Map.of("per", 0.0), CheckpointStoreTest::weights);
        store.write(state(4), Map.of("exact_match", 0.1), CheckpointStoreTest::weights);

        assertThat(store.best().orElseThrow().step()).isEqualTo(1);
        assertThat(folder.resolve("checkpoint-2")).doesNotExist();
        assertThat(new CheckpointStore(folder, 1).best()).isEmpty();
    }

    @Test
    void noCheckpoint_isNoneAndAnotherDirectoryIsNamed() {
        assertThat(new CheckpointStore(folder.resolve("none"), 0).newest()).isEmpty();
        assertThatThrownBy(() -> CheckpointStore.open(folder)).hasMessageContaining(folder + " is no checkpoint");
    }

    private long newestStep() {
        return new CheckpointStore(folder, 0).newest().orElseThrow().state().step();
    }

    private static void weights(Path directory) throws IOException {
        Files.writeString(directory.resolve("model.safetensors"), "weights");
    }

    private static RunState state(long step) {
        List<Admitted> open = List.of(
                new Admitted("e0-1", new PromptText.Text("hello"), "HH", Origin.FILE, 60, 6),
                new Admitted("a", new PromptText.Messages(List.of(new Message("user", "q"))), "", Origin.FEED, 61, 6),
                new Admitted("b", new PromptText.Ids(TokenIds.of(1, 2)), "", Origin.FEED, 62, 7));
        FedOutcome outcome =
                new FedOutcome("c", 5, ByteString.copyFrom(new byte[] {(byte) 0xff, 0}), Finish.STOP, 3, 1, 0.25, 0.5);
        return new RunState(
                step,
                new Cursor(1, 2, 0),
                new LedgerState(63, 63, 60, 0, open),
                new RunTotals(60, 600, 300, 70, 2, 4, 12.5, 1.5, 0.75, Map.of("on_policy", 50L, "fed", 10L)),
                "f".repeat(64),
                Optional.of(new AdaptiveSchedule.State(0.2, Double.NaN)),
                List.of(outcome),
                JsonNodeFactory.instance.objectNode().put("seed", 42));
    }
}
