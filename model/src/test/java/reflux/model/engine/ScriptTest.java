// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ScriptTest {
    private static EngineThread thread;
    private static Script script;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("script-test", 1));
        script = thread.call(engine -> Script.load(engine, ScriptTest.class, "good.py", "sample.py"));
    }

    @AfterAll
    static void stop() {
        thread.call(engine -> {
            script.close();
            return true;
        });
        thread.close();
    }

    @Test
    void everyKindOfArgument_arrives() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor x = scope.floats(new float[] {1, 2, 3, 4}, 2, 2);
                try (TensorList list = TensorList.of(List.of(x))) {
                    long[] shape = {4};
                    Tensor one = script.call(scope, "arguments", x, list, 10, 0.5, true, "yes", shape, null);
                    Tensor two = script.call(scope, "arguments", x, List.of(x), 10L, 0.5f, false, "", shape, x);

                    assertThat(one.shape()).containsExactly(4);
                    assertThat(two.shape()).containsExactly(2, 2);
                    assertThat(one.floats()).containsExactly(12.5f, 14.5f, 16.5f, 18.5f);
                    assertThat(two.floats()).containsExactly(one.floats());
                }
                assertThatThrownBy(() -> script.call(scope, "good", new Object()))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            return true;
        });
    }

    @Test
    void tuplesAndLists_areUnpacked() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor x = scope.floats(new float[] {1, 2, 3, 4}, 2, 2);

                List<Tensor> pair = script.callAll(scope, "pair", x);
                List<Tensor> listed = script.callAll(scope, "listed", x);

                assertThat(pair.get(0).floats()).containsExactly(2, 3, 4, 5);
                assertThat(pair.get(1).floats()).containsExactly(2, 4, 6, 8);
                assertThat(listed).hasSize(3);
                assertThat(listed.get(2).floats()).containsExactly(1, 3, 2, 4);
                assertThatThrownBy(() -> listed.get(2).bytes()).hasMessageContaining("contiguous");
                assertThatThrownBy(() -> script.call(scope, "pair", x))
                        .hasMessageContaining("does not return a tensor");
            }
            return true;
        });
    }

    @Test
    void errors_nameResourceAndLine() {
        thread.call(engine -> {
            assertThatThrownBy(() -> Script.load(engine, ScriptTest.class, "good.py", "bad.py"))
                    .isInstanceOf(ScriptException.class)
                    .hasMessageStartingWith("bad.py:5: ");
            assertThatThrownBy(() -> Script.load(engine, ScriptTest.class, "absent.py"))
                    .hasMessageContaining("absent.py");
            try (Scope scope = engine.scope().child()) {
                assertThatThrownBy(() -> script.call(scope, "fails", scope.zeros(DataType.F32, 2, 3)))
                        .isInstanceOf(ScriptException.class)
                        .hasMessageStartingWith("fails: sample.py:20: ");
            }
            return true;
        });
    }

    @Test
    void gradients_flowThroughACallThatRecords() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor x = scope.floats(new float[] {1, -2, 3}, 3);
                Tensor gradient = x.requireGradient();
                assertThat(gradient.floats()).containsOnly(0);

                Tensor y = engine.recording(() -> script.call(scope, "square", x));
                engine.backward(y, scope.floats(new float[] {0.5f}));

                assertThat(engine.isRecording()).isFalse();
                assertThat(gradient.floats()).containsExactly(1, -2, 3);
            }
            return true;
        });
    }
}
