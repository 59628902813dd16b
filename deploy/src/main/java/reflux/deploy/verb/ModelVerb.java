// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.TextTokenizer;

@Command(name = "model", description = "Look at model directories.", subcommands = ModelVerb.Inspect.class)
final class ModelVerb {

    @Command(name = "inspect", description = "Say what a Hugging Face directory holds, and whether Reflux can run it.")
    static final class Inspect implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "The directory.")
        private Path directory = Path.of(".");

        @Override
        public Integer call() throws IOException {
            ModelDirectory model = ModelDirectory.open(directory);
            DecoderConfig config = model.config();
            line("family", config.family());
            line("hidden size", config.hiddenSize());
            line("layers, heads", config.layers() + ", " + config.heads());
            line("context", config.contextLength());
            line("head", config.tiedHead() ? "tied to the embedding" : "own");
            line("end of sequence", config.eosIds());
            try (TensorSource weights = model.openWeights()) {
                long parameters =
                        weights.tensors().stream().mapToLong(TensorInfo::count).sum();
                long bytes =
                        weights.tensors().stream().mapToLong(TensorInfo::bytes).sum();
                line(
                        "weights",
                        "%d tensors, %,d parameters, %,d bytes, %s"
                                .formatted(
                                        weights.tensors().size(),
                                        parameters,
                                        bytes,
                                        weights.tensors().stream()
                                                .map(TensorInfo::type)
                                                .distinct()
                                                .toList()));
            }
            if (Files.exists(directory.resolve("tokenizer.json"))) {
                try (TextTokenizer tokenizer = model.openTokenizer()) {
                    line("vocabulary", tokenizer.vocabulary().size() + " (padded " + config.vocabularySize() + ")");
                    line("fingerprint", tokenizer.vocabulary().fingerprint());
                }
            }
            return 0;
        }

        private static void line(String name, Object value) {
            System.out.println(String.format(Locale.ROOT, "%-16s %s", name, value));
        }
    }
}
