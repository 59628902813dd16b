// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

class LogitStoreTest {
    private static final long NOTHING = 0;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void keptLogits_giveTheNumbersOfThoseMadeAgain() {
        thread.call(engine -> {
            for (int[] cuts : List.of(new int[] {}, new int[] {2, 9, 21})) {
                DualSpaceFixture.Step kept = step(engine, LogitStore.MOST_BYTES, cuts);
                DualSpaceFixture.Step again = step(engine, NOTHING, cuts);

                assertThat(kept.terms()).isEqualTo(again.terms());
                assertThat(kept.rowGradient()).isEqualTo(again.rowGradient());
                assertThat(kept.headGradient()).isEqualTo(again.headGradient());
                assertThat(kept.t2sGradient()).isEqualTo(again.t2sGradient());
            }
            return 0;
        });
    }

    @Test
    void logits_areTakenOnce() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Scope out = scope.child()) {
                LogitStore store = new LogitStore(scope, 100);
                LogitStore.Shelf shelf = store.new Shelf();
                Tensor logits = scope.zeros(DataType.F32, 2, 5);

                shelf.put(List.of(logits));

                assertThat(shelf.take(out, 0)).containsExactly(logits);
                assertThat(shelf.take(out, 0)).isEmpty();
                assertThat(shelf.take(out, 1)).isEmpty();
            }
            return 0;
        });
    }

    @Test
    void room_isWhatIsNotHeld() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Scope out = scope.child()) {
                LogitStore store = new LogitStore(scope, 100);
                LogitStore.Shelf shelf = store.new Shelf();
                assertThat(store.hasRoom(100)).isTrue();
                assertThat(store.hasRoom(101)).isFalse();

                shelf.put(List.of(scope.zeros(DataType.F32, 2, 5)));
                assertThat(store.hasRoom(60)).isTrue();
                assertThat(store.hasRoom(61)).isFalse();

                shelf.take(out, 0);
                assertThat(store.hasRoom(100)).isTrue();
            }
            return 0;
        });
    }

    @Test
    void logitsThatNobodyTook_areFreed() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                long before = engine.openTensors();
                LogitStore store = new LogitStore(scope, 100);
                store.new Shelf().put(List.of(scope.zeros(DataType.F32, 2, 5)));

                store.clear();

                assertThat(engine.openTensors()).isEqualTo(before);
                assertThat(store.hasRoom(100)).isTrue();
            }
            return 0;
        });
    }

    private static DualSpaceFixture.Step step(Engine engine, long mostKeptBytes, int... cuts) {
        LossSettings settings = new LossSettings(0.5, 1.5, new ForwardKl(), Spaces.BOTH, 1, 5);
        try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F32);
                DualSpaceLoss loss = DualSpaceLoss.load(engine, settings, DualSpaceFixture.MAP, mostKeptBytes)) {
            return fixture.step(loss, cuts);
        }
    }
}
