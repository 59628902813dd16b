// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reflux.model.engine.NativeVersions;

/** The machine and the versions that a measurement holds for. */
public final class Machine {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final String UNKNOWN = "unknown";
    private static final List<String> FLAGS =
            List.of("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "sve", "bf16");

    private Machine() {}

    /** Facts under their names, in the order in which they are printed. What the system does not tell is "unknown". */
    public static Map<String, String> describe() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "cpu",
                Stream.of("model name", "CPU part")
                        .map(key -> value(PROCESSORS, key))
                        .filter(value -> !value.equals(UNKNOWN))
                        .findFirst()
                        .orElse(UNKNOWN));
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        List<String> flags =
                Arrays.asList((value(PROCESSORS, "flags") + " " + value(PROCESSORS, "Features")).split(" "));
        facts.put("flags", FLAGS.stream().filter(flags::contains).collect(Collectors.joining(" ")));
        facts.put("cache", value(PROCESSORS, "cache size"));
        facts.put("memory", value(MEMORY, "MemTotal"));
        facts.put("system", String.join(" ", property("os.name"), property("os.version"), property("os.arch")));
        facts.put("java", property("java.vm.name") + " " + Runtime.version());
        facts.putAll(NativeVersions.all());
        return facts;
    }

    private static String property(String key) {
        return System.getProperty(key, UNKNOWN);
    }

    private static String value(Path file, String key) {
        if (!Files.isReadable(file)) {
            return UNKNOWN;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
