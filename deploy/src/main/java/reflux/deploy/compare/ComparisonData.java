// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import reflux.deploy.demo.DemoData;

/**
 * Files of the demo's words. No word is in two of them.
 *
 * @param train with right answers; the same for all methods
 * @param valid for the search
 * @param test for the comparison
 */
record ComparisonData(Path train, Path valid, Path test) {

    /** Writes them; of the training words so many as were asked for, evenly from the dictionary. */
    static ComparisonData write(ComparisonSettings how) throws IOException {
        DemoData all = DemoData.write(
                how.home().resolve("demo-data/cmudict.tsv.gz"), how.work().resolve("data"));
        if (how.trainWords() == 0) {
            return new ComparisonData(all.train(), all.valid(), all.test());
        }
        List<String> lines = Files.readAllLines(all.train());
        int words = Math.min(how.trainWords(), lines.size());
        Path some = how.work().resolve("data/train-" + words + ".jsonl");
        Files.write(
                some,
                IntStream.range(0, words)
                        .mapToObj(i -> lines.get((int) ((long) i * lines.size() / words)))
                        .toList());
        return new ComparisonData(some, all.valid(), all.test());
    }
}
