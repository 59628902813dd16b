// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** How fast this engine reads memory that no cache holds. Confined to its engine thread. */
final class ReadBandwidth implements AutoCloseable {
    private static final long FLOATS = 1L << 28;

    private final Scope scope;
    private final Script script;
    private final Tensor memory;

    ReadBandwidth(Engine engine) {
        this.scope = engine.scope().child();
        this.script = Script.load(engine, ReadBandwidth.class, "bench.py");
        this.memory = scope.zeros(DataType.F32, FLOATS);
    }

    static String description() {
        return "the sum of " + (FLOATS * DataType.F32.bytes() >> 20) + " MiB of floats";
    }

    /** Bytes for each second. */
    double measure() {
        double seconds = Alternation.seconds(() -> {
            try (Scope once = scope.child()) {
                script.call(once, "read", memory);
            }
        });
        return FLOATS * DataType.F32.bytes() / seconds;
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
