// SPDX-License-Identifier: Apache-2.0
package reflux.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

class AdamWTest {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-8;
    private static final int COUNT = 6;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("adamw-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    /** Two groups: with decay at the full rate, without decay at a tenth; the learning rate changes each step. */
    @Test
    void fiftySteps_followTheDoubleReference() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Parameter decayed = parameter(scope, "a", 1);
                Parameter plain = parameter(scope, "b", 2);
                Reference decayedReference = new Reference(decayed.value().doubles(), 1, 0.1);
                Reference plainReference = new Reference(plain.value().doubles(), 0.1, 0);
                SplittableRandom random = new SplittableRandom(3);
                try (AdamW adamW = adamW(engine, decayed, plain)) {
                    for (int step = 1; step <= 50; step++) {
                        double rate = 1e-2 / step;
                        decayedReference.step(step, rate, give(scope, decayed, random));
                        plainReference.step(step, rate, give(scope, plain, random));
                        adamW.step(rate);
                    }
                    assertThat(adamW.steps()).isEqualTo(50);
                }
                assertThat(decayed.value().doubles()).containsExactly(decayedReference.value, within(5e-6));
                assertThat(plain.value().doubles()).containsExactly(plainReference.value, within(5e-6));
                assertThat(plain.gradient().doubles()).containsOnly(0);
            }
            return true;
        });
    }

    @Test
    void clip_scalesAllGroupsByTheGlobalNorm() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Parameter a = parameter(scope, "a", 1);
                Parameter b = parameter(scope, "b", 2);
                try (AdamW adamW = adamW(engine, a, b)) {
                    engine.copy(scope.floats(new float[] {3, 0, 0, 0, 0, 0}, COUNT), a.gradient());
                    engine.copy(scope.floats(new float[] {0, 0, -4, 0, 0, 0}, COUNT), b.gradient());

                    assertThat(adamW.clip(10)).isCloseTo(5, within(1e-6));
                    assertThat(a.gradient().doubles()[0]).isEqualTo(3);
                    assertThat(adamW.clip(1)).isCloseTo(5, within(1e-6));
                    assertThat(a.gradient().doubles()[0]).isCloseTo(0.6, within(1e-6));
                    assertThat(b.gradient().doubles()[2]).isCloseTo(-0.8, within(1e-6));

                    adamW.zeroGradients();
                    assertThat(adamW.clip(1)).isZero();
                }
            }
            return true;
        });
    }

    @Test
    void restoredState_continuesAsIfNeverStopped() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Parameter a = parameter(scope, "a", 1);
                Parameter b = parameter(scope, "b", 2);
                Parameter a2 = parameter(scope, "a", 1);
                Parameter b2 = parameter(scope, "b", 2);
                try (AdamW straight = adamW(engine, a, b);
                        AdamW resumed = adamW(engine, a2, b2)) {
                    steps(scope, straight, 0, 5, a, b);
                    Stored state = new Stored();
                    straight.state().forEach((name, tensor) -> state.put(name, tensor.bytes()));
                    engine.copy(a.value(), a2.value());
                    engine.copy(b.value(), b2.value());
                    resumed.restore(state, straight.steps());

                    steps(scope, straight, 5, 9, a, b);
                    steps(scope, resumed, 5, 9, a2, b2);

                    assertThat(a2.value().doubles()).containsExactly(a.value().doubles());
                    assertThat(b2.value().doubles()).containsExactly(b.value().doubles());
                    assertThat(resumed.steps()).isEqualTo(9);

                    state.data.remove("b.v");
                    assertThatThrownBy(() -> resumed.restore(state, 1)).hasMessageContaining("lacks b.v");
                }
            }
            return true;
        });
    }

    private static AdamW adamW(Engine engine, Parameter decayed, Parameter plain) {
        return new AdamW(
                engine,
                List.of(
                        new ParameterGroup("decayed", List.of(decayed), 1, 0.1),
                        new ParameterGroup("plain", List.of(plain), 0.1, 0)),
                BETA1,
                BETA2,
                EPSILON);
    }

    private static void steps(Scope scope, AdamW adamW, int from, int to, Parameter... parameters) {
        for (int step = from; step < to; step++) {
            SplittableRandom random = new SplittableRandom(step);
            for (Parameter parameter : parameters) {
                give(scope, parameter, random);
            }
            adamW.step(1e-2);
        }
    }

    private static Parameter parameter(Scope scope, String name, int seed) {
        return new Parameter(
                name, scope.floats(random(new SplittableRandom(seed)), COUNT), scope.zeros(DataType.F32, COUNT));
    }

    private static double[] give(Scope scope, Parameter parameter, SplittableRandom random) {
        float[] gradient = random(random);
        parameter.gradient().bytes().asFloatBuffer().put(gradient);
        return parameter.gradient().doubles();
    }

    private static float[] random(SplittableRandom random) {
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    /** Loshchilov and Hutter, algorithm 2, in double. */
    private static final class Reference {
        private final double[] value;
        private final double[] m = new double[COUNT];
        private final double[] v = new double[COUNT];
        private final double factor;
        private final double decay;

        Reference(double[] value, double factor, double decay) {
            this.value = value;
            this.factor = factor;
            this.decay = decay;
        }

        void step(int step, double rate, double[] gradient) {
            double alpha = rate * factor;
            for (int i = 0; i < COUNT; i++) {
                m[i] = BETA1 * m[i] + (1 - BETA1) * gradient[i];
                v[i] = BETA2 * v[i] + (1 - BETA2) * gradient[i] * gradient[i];
                double mean = m[i] / (1 - Math.pow(BETA1, step));
                double square = v[i] / (1 - Math.pow(BETA2, step));
                value[i] -= alpha * (mean / (Math.sqrt(square) + EPSILON) + decay * value[i]);
            }
        }
    }

    /** F32 vectors in memory. */
    private static final class Stored implements TensorSource {
        private final Map<String, byte[]> data = new TreeMap<>();

        void put(String name, ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            data.put(name, copy);
        }

        @Override
        public List<TensorInfo> tensors() {
            return data.keySet().stream().map(this::info).toList();
        }

        @Override
        public boolean has(String name) {
            return data.containsKey(name);
        }

        @Override
        public TensorInfo info(String name) {
            if (!has(name)) {
                throw new NoSuchElementException(name);
            }
            return TensorInfo.of(name, DataType.F32, List.of((long) COUNT));
        }

        @Override
        public ByteBuffer bytes(String name) {
            return ByteBuffer.wrap(data.get(name));
        }

        @Override
        public ByteBuffer bytes(String name, long offset, int length) {
            return ByteBuffer.wrap(data.get(name), (int) offset, length);
        }

        @Override
        public void close() {}
    }
}
