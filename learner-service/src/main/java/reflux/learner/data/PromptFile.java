// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads JSON lines of prompts and responses, for training and for evaluation: {@code prompt} (or {@code query}, {@code
 * instruction}; a text or messages) with {@code response} (or {@code output}, {@code answer}, {@code completion}; a text or
 * texts), or {@code messages}, whose last is the response if it is the assistant's. Files that end in {@code .gz} are
 * unpacked. A line that cannot be used ends the reading with an IllegalArgumentException that names file and line. Blocks: not
 * for an event loop.
 */
public final class PromptFile {
    private PromptFile() {}

    /** The lines of all files, in order. */
    public static List<Example> readAll(List<Path> files) {
        List<Example> examples = new ArrayList<>();
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException("train_data names " + file + ", which is not a file");
            }
            examples.addAll(read(file));
        }
        return examples;
    }

    /** The lines of one file. */
    public static List<Example> read(Path file) {
        List<Example> examples = new ArrayList<>();
        int lineNumber = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                lineNumber++;
                if (!line.isBlank()) {
                    examples.add(ExampleLine.parse(line, file + ":" + lineNumber));
                }
            }
            return examples;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ":" + lineNumber + ": not JSON, " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ":" + lineNumber + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ":" + (lineNumber + 1) + ": cannot be read", e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        if (!file.toString().endsWith(".gz")) {
            return raw;
        }
        try {
            return new GZIPInputStream(raw, 1 << 16);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }
}
