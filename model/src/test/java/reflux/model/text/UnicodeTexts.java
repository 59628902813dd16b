// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random texts of whatever Unicode allows, and of what Java's strings allow beyond it. */
final class UnicodeTexts {
    /** First and last code points of scripts that a text draws from more often than from all of Unicode. */
    private static final int[][] SCRIPTS = {
        {0x20, 0x7E},
        {0xA0, 0x24F},
        {0x370, 0x52F},
        {0x590, 0x6FF},
        {0x900, 0x9FF},
        {0xE00, 0xEFF},
        {0x1100, 0x11FF},
        {0x1E00, 0x1FFF},
        {0x2000, 0x206F},
        {0x2100, 0x214F},
        {0x3040, 0x30FF},
        {0x4E00, 0x9FFF},
        {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},
        {0xFF00, 0xFFEF},
        {0x1D400, 0x1D7FF},
        {0x1F300, 0x1FAFF},
        {0x20000, 0x2A6DF},
    };

    private static final int[][] MARKS = {
        {0x300, 0x36F}, {0x591, 0x5C7}, {0x64B, 0x65F}, {0x93C, 0x94D}, {0x3099, 0x309A}
    };
    private static final List<String> CLUSTERS = List.of(
            "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67\u200d\ud83d\udc66",
            "\ud83e\uddd1\ud83c\udffd\u200d\ud83d\ude80",
            "\ud83c\udff3\ufe0f\u200d\ud83c\udf08",
            "\ud83c\uddf3\ud83c\uddf5",
            "1\ufe0f\u20e3",
            "\u2764\ufe0f",
            "\ufb01",
            "\u212b",
            "\u1e9b\u0323",
            "\u0958",
            "\u1100\u1161\u11a8",
            "\ufeff",
            "\ufffd",
            "\uffff",
            "\r\n");
    private static final List<String> NAMES = List.of(
            "<s>",
            "</s>",
            "<unk>",
            "<0x0A>",
            "<0xE2>",
            "<|begin_of_text|>",
            "<|eot_id|>",
            "<|endoftext|>",
            "<|im_start|>",
            "<|im_end|>",
            "<think>",
            "</think>",
            "<tool_call>",
            "<bos>",
            "<eos>",
            "<pad>",
            "<start_of_turn>",
            "<end_of_turn>",
            "<unused7>",
            "<table>",
            "</b>",
            "[multimodal]",
            "<image_soft_token>",
            "[INST]");

    private UnicodeTexts() {}

    /** The same for the same seed. */
    static List<String> random(long seed, int count) {
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            int[] script = SCRIPTS[random.nextInt(SCRIPTS.length)];
            for (int parts = random.nextInt(16); parts > 0; parts--) {
                appendPart(text, random, script);
            }
            texts.add(inSomeForm(text.toString(), random));
        }
        return texts;
    }

    private static void appendPart(StringBuilder text, Random random, int[] script) {
        switch (random.nextInt(14)) {
            case 0 -> text.append(from(CLUSTERS, random));
            case 1 -> text.append(from(NAMES, random));
            case 2 -> text.append(" ".repeat(1 + random.nextInt(20)));
            case 3 -> text.append("\u2581".repeat(1 + random.nextInt(3)));
            case 4 -> text.appendCodePoint(random.nextInt(0x20));
            case 5 -> text.appendCodePoint(0x7F + random.nextInt(0x22));
            case 6 -> text.append((char) (Character.MIN_SURROGATE + random.nextInt(0x800)));
            case 7 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
            case 8, 9 -> appendMarked(text, random, script);
            default -> appendWord(text, random, script);
        }
    }

    private static void appendWord(StringBuilder text, Random random, int[] script) {
        text.append(random.nextBoolean() ? " " : "");
        for (int length = 1 + random.nextInt(6); length > 0; length--) {
            text.appendCodePoint(in(script, random));
        }
    }

    private static void appendMarked(StringBuilder text, Random random, int[] script) {
        text.appendCodePoint(random.nextBoolean() ? 'a' + random.nextInt(26) : in(script, random));
        for (int marks = 1 + random.nextInt(4); marks > 0; marks--) {
            text.appendCodePoint(in(MARKS[random.nextInt(3) > 0 ? 0 : random.nextInt(MARKS.length)], random));
        }
    }

    private static String inSomeForm(String text, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Normalizer.normalize(text, Normalizer.Form.NFC);
            case 1 -> Normalizer.normalize(text, Normalizer.Form.NFD);
            default -> text;
        };
    }

    private static int in(int[] range, Random random) {
        return range[0] + random.nextInt(range[1] - range[0] + 1);
    }

    private static String from(List<String> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
