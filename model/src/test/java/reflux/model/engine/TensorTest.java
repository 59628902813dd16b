// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TensorTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("tensor-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void everyType_keepsItsNameAndSize() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                for (DataType type : DataType.values()) {
                    Tensor tensor = scope.zeros(type, 2, 3);

                    assertThat(tensor.type()).isEqualTo(type);
                    assertThat(tensor.bytes().remaining()).isEqualTo(6 * type.bytes());
                    assertThat(tensor.doubles()).containsOnly(0).hasSize(6);
                }
            }
            return true;
        });
    }

    @Test
    void bytes_areAnAlias() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor tensor = scope.floats(new float[] {1, 2}, 2);

                tensor.bytes().putFloat(4, 7);

                assertThat(tensor.floats()).containsExactly(1, 7);
                assertThat(tensor.size(-1)).isEqualTo(2);
                assertThat(tensor.count()).isEqualTo(2);
            }
            return true;
        });
    }

    @Test
    void bf16_isReadFromBytesAndConverted() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                bytes.putShort((short) 0x3fc0).putShort((short) 0xc000).flip();

                Tensor tensor = scope.copyOf(DataType.BF16, bytes, 2);

                assertThat(tensor.floats()).containsExactly(1.5f, -2f);
                assertThat(engine.convert(scope, tensor, DataType.F16).type()).isEqualTo(DataType.F16);
                assertThat(bytes.remaining()).isEqualTo(4);
            }
            return true;
        });
    }

    @Test
    void floatsInDirectMemory_stayThere() {
        thread.call(engine -> {
            ByteBuffer memory = ByteBuffer.allocateDirect(40).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer floats = memory.duplicate().position(16).asReadOnlyBuffer();
            try (Scope scope = engine.scope().child()) {
                Tensor tensor = scope.over(DataType.F32, floats, 2, 3);
                memory.putFloat(36, 7);

                assertThat(tensor.type()).isEqualTo(DataType.F32);
                assertThat(tensor.shape()).containsExactly(2, 3);
                assertThat(tensor.floats()).containsExactly(0, 0, 0, 0, 0, 7);
                assertThat(floats.position()).isEqualTo(16);
            }
            return true;
        });
    }

    @Test
    void otherMemory_isCopied() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                ByteBuffer unaligned = ByteBuffer.allocateDirect(9).order(ByteOrder.LITTLE_ENDIAN);
                unaligned.putFloat(1, 1.5f).putFloat(5, -2);
                ByteBuffer onHeap = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                onHeap.putFloat(0, 3);

                Tensor copied = scope.over(DataType.F32, unaligned.position(1), 2);
                Tensor lifted = scope.over(DataType.F32, onHeap, 2);
                unaligned.putFloat(1, 0);
                onHeap.putFloat(0, 0);

                assertThat(copied.floats()).containsExactly(1.5f, -2);
                assertThat(lifted.floats()).containsExactly(3, 0);
                assertThat(scope.over(DataType.F32, ByteBuffer.allocateDirect(0), 0, 5)
                                .shape())
                        .containsExactly(0, 5);
                assertThatThrownBy(() -> scope.over(DataType.F32, ByteBuffer.allocateDirect(8), 3))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("2 values");
                ByteBuffer halves = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN);
                halves.putShort(0, (short) 0x3fc0);
                assertThat(scope.over(DataType.BF16, halves, 2).floats()).containsExactly(1.5f, 0);
            }
            return true;
        });
    }

    @Test
    void hostValues_convert() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                assertThat(scope.ints(new int[] {3, -4}, 2).type()).isEqualTo(DataType.I64);
                assertThat(scope.ints(new int[] {3, -4}, 2).longs()).containsExactly(3, -4);
                assertThat(scope.doubles(new double[] {0.1}).item()).isEqualTo(0.1);
                assertThat(scope.longs(new long[0], 0, 5).floats()).isEmpty();
                assertThatThrownBy(() -> scope.floats(new float[3], 2, 2)).hasMessageContaining("[2, 2]");
                assertThatThrownBy(() -> scope.zeros(DataType.F32, 2).item()).hasMessageContaining("[2]");
            }
            return true;
        });
    }

    @Test
    void closing_freesAllButWhatIsKept() {
        thread.call(engine -> {
            long before = engine.openTensors();
            Scope keeper = engine.scope().child();
            Scope step = engine.scope().child();
            Tensor lost = step.zeros(DataType.F32, 2);
            Tensor inChild = step.child().zeros(DataType.F32, 2);
            Tensor kept = keeper.keep(step.floats(new float[] {5}, 1));
            Tensor closedEarly = step.zeros(DataType.F32, 2);
            closedEarly.close();
            closedEarly.close();

            step.close();
            step.close();

            assertThat(kept.floats()).containsExactly(5);
            assertThatThrownBy(lost::floats)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(inChild::bytes).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> step.zeros(DataType.F32, 1)).hasMessageContaining("scope is closed");
            assertThat(engine.openTensors()).isEqualTo(before + 1);
            keeper.close();
            assertThat(engine.openTensors()).isEqualTo(before);
            return true;
        });
    }

    @Test
    void otherThreads_areRefused() {
        Scope scope = thread.call(engine -> engine.scope().child());
        Tensor tensor = thread.call(engine -> scope.zeros(DataType.F32, 2));

        assertThatThrownBy(tensor::floats)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tensor-test");
        assertThatThrownBy(tensor::close).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(scope::close).isInstanceOf(IllegalStateException.class);
        try (EngineThread other = EngineThread.start(EngineSettings.cpu("other", 1))) {
            assertThatThrownBy(() -> other.call(engine -> tensor.bytes())).isInstanceOf(IllegalStateException.class);
        }
        thread.call(engine -> {
            assertThat(tensor.floats()).containsOnly(0);
            scope.close();
            return true;
        });
    }
}
