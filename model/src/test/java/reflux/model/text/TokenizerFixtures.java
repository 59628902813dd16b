// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts and small tokenizers for tests. */
final class TokenizerFixtures {
    private static final int[][] RANGES = {
        {32, 126},
        {0xA0, 0x24F},
        {0x300, 0x36F},
        {0x3040, 0x30FF},
        {0x4E00, 0x9FFF},
        {0xAC00, 0xD7A3},
        {0x1F300, 0x1F6FF},
        {0x600, 0x6FF},
        {9, 13},
        {0x2000, 0x206F},
        {0x2580, 0x2582}
    };

    private TokenizerFixtures() {}

    /** Short texts of many scripts, with marks, controls, emoji and the literal U+2581; seeded. */
    static List<String> randomTexts(long seed, int count) {
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            int length = 1 + random.nextInt(30);
            for (int k = 0; k < length; k++) {
                int[] range = RANGES[random.nextInt(3) == 0 ? 0 : random.nextInt(RANGES.length)];
                text.appendCodePoint(range[0] + random.nextInt(range[1] - range[0] + 1));
                if (random.nextInt(4) == 0) {
                    text.append(' ');
                }
            }
            texts.add(text.toString());
        }
        return texts;
    }

    static List<String> english() {
        return List.of(
                "Hello world! Hello there, world.",
                "The utilization of LLMs is the utilisation of large language models.",
                "a b c a a b abcd e x   y",
                "na\u00efve caf\u00e9 caf\u00e9 ok \u00e9! \ud83d\ude42. \ud83d\ude42",
                "HH AH0 L OW1 W ER1 L D HH AH0 L OW1",
                "the quick brown fox jumps over the lazy dog and the other dog",
                "\u4f60\u597d\u4e16\u754c \u4f60\u597d",
                "It's what they've said, isn't it? 123 1234 12345\n\nnew line\ttab");
    }

    static TextTokenizer trained(Path dir, BpeTrainer trainer) {
        List<String> lines = new ArrayList<>(english());
        lines.addAll(randomTexts(5, 300));
        trainer.train(lines).write(dir);
        return TextTokenizer.load(dir);
    }

    static TextTokenizer fromJson(Path dir, String tokenizerJson, String settingsJson) {
        try {
            Files.createDirectories(dir);
            Files.writeString(dir.resolve("tokenizer.json"), tokenizerJson);
            Files.writeString(dir.resolve("tokenizer_config.json"), settingsJson);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return TextTokenizer.load(dir);
    }

    static String nfc(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }
}
