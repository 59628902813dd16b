// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The demo's four processes. Closing ends all of them; so does the end of this process, however it comes. */
final class DemoRing implements AutoCloseable {
    private final List<ChildProcess> children = Collections.synchronizedList(new ArrayList<>());
    private final Thread hook = new Thread(this::endAll, "demo-children");

    private DemoRing() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts all four; in no order that matters. */
    static DemoRing start(DemoSettings settings, DemoPorts ports, Path yaml) {
        DemoRing ring = new DemoRing();
        try {
            ring.serve(settings, yaml, "teacher", "teacher-a", List.of());
            ring.serve(
                    settings,
                    yaml,
                    "teacher",
                    "teacher-b",
                    List.of("teacher.listen=" + DemoPorts.address(ports.teacherB())));
            ring.serve(settings, yaml, "generator", "generator", List.of());
            ring.serve(settings, yaml, "learner", "learner", List.of());
            return ring;
        } catch (IOException e) {
            ring.close();
            throw new UncheckedIOException("a process cannot be started: " + e.getMessage(), e);
        }
    }

    private void serve(DemoSettings settings, Path yaml, String role, String name, List<String> more)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("serve", role, "--config", yaml.toString()));
        for (String assignment : settings.overrides()) {
            arguments.addAll(List.of("--set", assignment));
        }
        for (String assignment : more) {
            arguments.addAll(List.of("--set", assignment));
        }
        children.add(ChildProcess.start(settings, name, arguments));
    }

    List<ChildProcess> children() {
        return List.copyOf(children);
    }

    /** What cannot be gone on without, if it has ended: the generator, the learner, or the last teacher. */
    List<ChildProcess> missing() {
        List<ChildProcess> ended =
                children().stream().filter(child -> !child.isAlive()).toList();
        boolean isTeacherLeft =
                children().stream().anyMatch(child -> child.name().startsWith("teacher") && child.isAlive());
        return ended.stream()
                .filter(child -> !child.name().startsWith("teacher") || !isTeacherLeft)
                .toList();
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook runs already: it ends them.
        }
    }

    private void endAll() {
        List<ChildProcess> all = children();
        all.forEach(ChildProcess::terminate);
        all.forEach(ChildProcess::close);
    }
}
