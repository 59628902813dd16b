// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.deploy.align.TextAlignment;
import reflux.deploy.align.TokenizerPair;

@Command(
        name = "align",
        sortOptions = false,
        description = {
            "Show how much of a text two tokenizers have in common: the share of the student's tokens, and of the bytes,",
            "that pair with a token of the teacher's, by the published scan of spellings and by the bytes they cover.",
            "Texts are cut into pieces of 900 to 1,400 characters, as long as responses are. Weights are not needed."
        })
final class AlignVerb implements Callable<Integer> {
    @Option(names = "--teacher", required = true, paramLabel = "DIR", description = "Directory with tokenizer.json.")
    private Path teacher = Path.of(".");

    @Option(names = "--student", required = true, paramLabel = "DIR", description = "Directory with tokenizer.json.")
    private Path student = Path.of(".");

    @Option(names = "--text", required = true, arity = "1..*", paramLabel = "FILE", description = "UTF-8 texts.")
    private List<Path> texts = new ArrayList<>();

    @Option(names = "--json", paramLabel = "OUT", description = "Write the counts there.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        List<TextAlignment> found = new ArrayList<>();
        try (TokenizerPair pair = TokenizerPair.open(teacher, student)) {
            for (Path text : texts) {
                found.add(pair.measure(text));
            }
        }
        found.forEach(AlignVerb::print);
        if (json != null) {
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), found);
        }
        return 0;
    }

    private static void print(TextAlignment text) {
        line(
                "%s: %d pieces, %d bytes, %d tokens of the teacher, %d of the student",
                text.text(), text.pieces(), text.bytes(), text.teacherTokens(), text.studentTokens());
        line(
                "  published scan   %5.1f %% of tokens  %5.1f %% of bytes  %d false pairs",
                percent(text.publishedTokens(), text.studentTokens()),
                percent(text.publishedBytes(), text.bytes()),
                text.falsePairs());
        line(
                "  byte-exact       %5.1f %% of tokens  %5.1f %% of bytes",
                percent(text.exactTokens(), text.studentTokens()), percent(text.exactBytes(), text.bytes()));
        line(
                "  groups           %5.1f %% of tokens, %d groups; spans exact in %d of %d pieces",
                percent(text.groupedTokens(), text.studentTokens()), text.groups(), text.exactSpans(), text.pieces());
    }

    private static double percent(long part, long whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }

    private static void line(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
