// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;

@Command(
        name = "doctor",
        description = "Check that this machine can run Reflux; fails if something it needs is missing.")
final class DoctorVerb implements Callable<Integer> {
    private static final int LEAST_JAVA = 17;
    private static final long LEAST_DISK = 2L << 30;

    private int failures;

    @Override
    public Integer call() {
        check("java", () -> {
            require(Runtime.version().feature() >= LEAST_JAVA, "install JDK " + LEAST_JAVA + " or newer");
            return Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch");
        });
        check(
                "cores, heap",
                () -> Runtime.getRuntime().availableProcessors() + ", "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
        check("native engine", DoctorVerb::engine);
        check("bf16", DoctorVerb::bf16);
        check("tokenizer", DoctorVerb::tokenizer);
        check("loopback port", () -> {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return "can listen, for example on " + socket.getLocalPort();
            }
        });
        check("disk", DoctorVerb::disk);
        return failures == 0 ? 0 : 1;
    }

    private static String engine() {
        long started = System.nanoTime();
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("doctor", 1))) {
            double sum = thread.call(engine -> {
                try (Scope scope = engine.scope().child()) {
                    return scope.floats(new float[] {1, 2}, 2).floats()[1] + 1.0;
                }
            });
            require(sum == 3.0, "a sum of 1 and 2 was " + sum);
        }
        return String.format(Locale.ROOT, "PyTorch on the CPU, ready in %.1f s", (System.nanoTime() - started) / 1e9);
    }

    private static String bf16() {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("doctor", 1))) {
            return thread.call(Engine::multipliesBf16)
                    ? "this CPU multiplies it: dtype bf16 is faster here than f32, in half the memory"
                    : "this CPU has no instructions for it: dtype f32 is faster here; bf16 works, in half the memory";
        }
    }

    private static String tokenizer() {
        Path model = Installation.home().resolve("demo-models/student");
        try (TextTokenizer tokenizer = ModelDirectory.open(model).openTokenizer()) {
            return "\"hello\" is " + tokenizer.encode("hello").length + " tokens to the demo's student";
        }
    }

    private static String disk() throws IOException {
        long free = Files.getFileStore(Path.of(".").toAbsolutePath()).getUsableSpace();
        require(free >= LEAST_DISK, "free " + (LEAST_DISK >> 20) + " MiB here; there are " + (free >> 20));
        return (free >> 20) + " MiB free here";
    }

    private void check(String name, Callable<String> check) {
        try {
            System.out.printf("ok    %-14s %s%n", name, check.call());
        } catch (Exception | LinkageError e) {
            failures++;
            System.out.printf("FAIL  %-14s %s%n", name, e.getMessage());
        }
    }

    private static void require(boolean holds, String remedy) {
        if (!holds) {
            throw new IllegalStateException(remedy);
        }
    }
}
