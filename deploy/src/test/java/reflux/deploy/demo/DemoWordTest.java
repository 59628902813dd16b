// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoWordTest {
    @TempDir
    private Path directory;

    @Test
    void line_isWordAndPronunciationsWithoutRemarks() {
        DemoWord word = DemoWord.parse("aalborg\tAO1 L B AO0 R G # place, danish\tAA1 L B AO0 R G");

        assertThat(word.word()).isEqualTo("aalborg");
        assertThat(word.pronunciations()).containsExactly("AO1 L B AO0 R G", "AA1 L B AO0 R G");
    }

    @Test
    void lineWithoutPronunciation_isRefused() {
        assertThatThrownBy(() -> DemoWord.parse("hello")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void split_isTheCrcOfTheWord() {
        assertThat(DemoWord.parse("hello\tHH").hash()).isEqualTo(0x3610A686L);
        assertThat(DemoWord.parse("silvie\tS").split()).isEqualTo(DemoWord.Split.TEST);
        assertThat(DemoWord.parse("abbott's\tAE1").split()).isEqualTo(DemoWord.Split.VALID);
        assertThat(DemoWord.parse("hello\tHH").split()).isEqualTo(DemoWord.Split.TRAIN);
    }

    @Test
    void data_keepsTestWordsOutOfAllElse() throws IOException {
        DemoData data = DemoData.write(Path.of("demo-data/cmudict.tsv.gz"), directory);

        List<String> test = prompts(data.test());
        assertThat(test).hasSize(1000).doesNotHaveDuplicates();
        assertThat(prompts(data.train())).hasSizeGreaterThan(110_000).doesNotContainAnyElementsOf(test);
        assertThat(prompts(data.valid())).hasSizeGreaterThan(1000).doesNotContainAnyElementsOf(test);
        assertThat(Files.readAllLines(data.prompts()).get(0)).isEqualTo("{\"prompt\":\"a's\"}");
        assertThat(prompts(data.prompts())).isEqualTo(prompts(data.train()));
    }

    private static List<String> prompts(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> line.split("\"")[3]).collect(Collectors.toList());
        }
    }
}
