// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

/** Loads PyTorch into this process, from the class path alone: no download, no telemetry. */
final class NativeEngine {
    static {
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("OPT_OUT_TRACKING", "true");
        ai.djl.engine.Engine.getEngine("PyTorch");
    }

    private NativeEngine() {}

    /** Returns when the libraries are loaded. */
    static void require() {}

    private static void setIfAbsent(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }
}
