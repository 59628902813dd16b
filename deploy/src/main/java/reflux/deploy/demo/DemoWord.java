// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** One word of the dictionary with its pronunciations, the first the most common. */
record DemoWord(String word, List<String> pronunciations) {
    private static final int BUCKETS = 100;

    /** Which part of the data a word belongs to, by a hash of the word alone. */
    enum Split {
        TEST,
        VALID,
        TRAIN
    }

    DemoWord {
        pronunciations = List.copyOf(pronunciations);
    }

    /** Parses {@code word<TAB>pronunciation[<TAB>other…]}, leaving out remarks from " #" on. */
    static DemoWord parse(String line) {
        String[] fields = line.split("\t");
        if (fields.length < 2) {
            throw new IllegalArgumentException("needs a word, a tab and a pronunciation, was \"" + line + "\"");
        }
        List<String> pronunciations = new ArrayList<>();
        for (int i = 1; i < fields.length; i++) {
            int remark = fields[i].indexOf(" #");
            pronunciations.add(remark < 0 ? fields[i] : fields[i].substring(0, remark));
        }
        return new DemoWord(fields[0], pronunciations);
    }

    long hash() {
        CRC32 crc = new CRC32();
        crc.update(word.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    Split split() {
        long bucket = hash() % BUCKETS;
        return bucket == 0 ? Split.TEST : bucket == 1 ? Split.VALID : Split.TRAIN;
    }
}
