// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;

/** Prompts and responses of random words, so many that the losses' chunks of 1024 rows are more than one; seed 11. */
final class SelfTestData {
    /** More than one chunk. */
    private static final int RESPONSE_TOKENS = 1200;

    private static final int MAX_LINES = 2000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private SelfTestData() {}

    /** Writes lines of {@code {"prompt","response"}} that fit the model's context. */
    static Path write(Path file, ModelDirectory model) throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        List<String> lines = new ArrayList<>();
        try (TextTokenizer tokenizer = model.openTokenizer()) {
            int room = model.config().contextLength();
            int tokens = 0;
            while (tokens < RESPONSE_TOKENS && lines.size() < MAX_LINES) {
                String prompt = words(random, 1);
                String response = words(random, random.nextInt(1, 4));
                int count = tokenizer.encode(response).length + 1;
                if (tokenizer.encode(prompt).length + count <= room) {
                    lines.add(JSON.writeValueAsString(Map.of("prompt", prompt, "response", response)));
                    tokens += count;
                }
            }
        }
        return Files.write(file, lines);
    }

    private static String words(SplittableRandom random, int count) {
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < count; word++) {
            text.append(word == 0 ? "" : " ");
            for (int letters = random.nextInt(2, 9); letters > 0; letters--) {
                text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }
}
