// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Unpacks the dictionary into the files that the demo trains on and is tested with; {@code deploy/demo-data/README.md}. */
public final class DemoData {
    private static final int TEST_WORDS = 1000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;

    private DemoData(Path directory) {
        this.directory = directory;
    }

    /** Writes all files into {@code directory}, which is created if absent. */
    public static DemoData write(Path dictionary, Path directory) {
        try {
            Files.createDirectories(directory);
            DemoData data = new DemoData(directory);
            data.write(read(dictionary));
            return data;
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": the demo's data cannot be written: " + e.getMessage(), e);
        }
    }

    public Path train() {
        return directory.resolve("train.jsonl");
    }

    public Path prompts() {
        return directory.resolve("prompts.jsonl");
    }

    public Path valid() {
        return directory.resolve("valid.jsonl");
    }

    public Path test() {
        return directory.resolve("test.jsonl");
    }

    private static List<DemoWord> read(Path dictionary) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(dictionary)), StandardCharsets.UTF_8))) {
            return reader.lines().map(DemoWord::parse).toList();
        }
    }

    private void write(List<DemoWord> words) throws IOException {
        List<DemoWord> train = part(words, DemoWord.Split.TRAIN);
        List<DemoWord> test = new ArrayList<>(part(words, DemoWord.Split.TEST));
        test.sort(Comparator.comparingLong(DemoWord::hash));
        write(train(), train, DemoData::supervised);
        write(prompts(), train, word -> Map.of("prompt", word.word()));
        write(valid(), part(words, DemoWord.Split.VALID), DemoData::supervised);
        write(test(), test.subList(0, Math.min(TEST_WORDS, test.size())), DemoData::references);
    }

    private static List<DemoWord> part(List<DemoWord> words, DemoWord.Split split) {
        return words.stream().filter(word -> word.split() == split).toList();
    }

    private static Map<String, Object> supervised(DemoWord word) {
        return line(word, word.pronunciations().get(0));
    }

    private static Map<String, Object> references(DemoWord word) {
        return line(word, word.pronunciations());
    }

    private static Map<String, Object> line(DemoWord word, Object response) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("prompt", word.word());
        line.put("response", response);
        return line;
    }

    private static void write(Path file, List<DemoWord> words, Line line) throws IOException {
        List<String> lines = new ArrayList<>();
        for (DemoWord word : words) {
            lines.add(JSON.writeValueAsString(line.of(word)));
        }
        Files.write(file, lines);
    }

    /** What is written of a word. */
    private interface Line {
        Map<String, ?> of(DemoWord word);
    }
}
