// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TrainedBpe;

@Command(name = "tokenizer", description = "Make tokenizers.", subcommands = TokenizerVerb.Train.class)
final class TokenizerVerb {

    /** Kinds of tokenizer that can be trained. */
    enum Style {
        SENTENCEPIECE,
        BYTE_LEVEL
    }

    @Command(name = "train", description = "Learn a byte-pair encoding and write it in Hugging Face's files.")
    static final class Train implements Callable<Integer> {
        @Option(names = "--data", required = true, paramLabel = "FILE", description = "JSONL lines; repeatable.")
        private List<Path> data = new ArrayList<>();

        @Option(
                names = "--field",
                defaultValue = "response",
                description = "Field whose text is learned from (default: ${DEFAULT-VALUE}).")
        private String field = "response";

        @Option(
                names = "--alphabet",
                defaultValue = "",
                description = "Characters that become tokens though the text may lack them.")
        private String alphabet = "";

        @Option(names = "--style", required = true, description = "One of: ${COMPLETION-CANDIDATES}.")
        private Style style = Style.SENTENCEPIECE;

        @Option(names = "--split", defaultValue = "WORDS", description = "Where merges stop: ${COMPLETION-CANDIDATES}.")
        private BpeTrainer.Split split = BpeTrainer.Split.WORDS;

        @Option(
                names = "--phrases",
                defaultValue = "0",
                paramLabel = "N",
                description = "How many of the tokens, learned after all others, may join words.")
        private int phrases;

        @Option(names = "--size", required = true, paramLabel = "N", description = "Number of tokens.")
        private int size;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "DIR",
                description = "Directory of the tokenizer's files.")
        private Path out = Path.of(".");

        @Option(
                names = "--frequent-first",
                description = "Number the tokens by how often they occur in the text, special tokens aside.")
        private boolean isFrequentFirst;

        @Option(
                names = "--prefix-space",
                description =
                        "Put a space before a text that has none, so that its first word is spelled as any other.")
        private boolean hasPrefixSpace;

        @Override
        public Integer call() throws IOException {
            BpeTrainer trainer =
                    style == Style.SENTENCEPIECE ? BpeTrainer.sentencePiece(size) : BpeTrainer.byteLevel(size);
            List<String> lines = lines();
            TrainedBpe trained = (phrases > 0 ? trainer.withPhrases(phrases) : trainer.withSplit(split)).train(lines);
            trained.write(out);
            if (hasPrefixSpace) {
                PrefixSpace.add(out);
            }
            if (isFrequentFirst) {
                TokenOrder.byFrequency(out, lines);
            }
            System.out.println(out + ": " + trained.size() + " tokens, end of sequence is " + trained.endId());
            return 0;
        }

        private List<String> lines() throws IOException {
            ObjectMapper json = new ObjectMapper();
            List<String> lines = new ArrayList<>();
            for (Path file : data) {
                for (String line : Files.readAllLines(file)) {
                    String text = json.readTree(line).path(field).asText();
                    lines.add(hasPrefixSpace && style == Style.BYTE_LEVEL ? " " + text : text);
                }
            }
            alphabet.codePoints().forEach(c -> lines.add(Character.toString(c)));
            return lines;
        }
    }
}
