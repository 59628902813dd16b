// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;

@Command(
        name = "logits",
        sortOptions = false,
        description = {
            "Write hidden states and logits of given token ids, to check them against another implementation.",
            "The file has hidden_states [T, D], after the final norm, and logits [T, V], both F32."
        })
final class LogitsVerb implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Hugging Face directory.")
    private Path model = Path.of(".");

    @Option(names = "--ids", required = true, split = ",", paramLabel = "ID", description = "Token ids, such as 1,2,3.")
    private List<Integer> ids = new ArrayList<>();

    @Option(
            names = "--dtype",
            defaultValue = "F32",
            description = "Compute type: F32 or BF16 (default: ${DEFAULT-VALUE}).")
    private DataType type = DataType.F32;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "A .safetensors file.")
    private Path out = Path.of(".");

    @Override
    public Integer call() {
        ModelDirectory directory = ModelDirectory.open(model);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("logits", 1))) {
            thread.call(engine -> {
                write(engine, directory);
                return out;
            });
        }
        System.out.println(out + ": hidden_states and logits of " + ids.size() + " tokens");
        return 0;
    }

    private void write(Engine engine, ModelDirectory directory) {
        int[] tokens = ids.stream().mapToInt(Integer::intValue).toArray();
        int vocabulary = directory.config().vocabularySize();
        if (Arrays.stream(tokens).anyMatch(id -> id < 0 || id >= vocabulary)) {
            throw new IllegalArgumentException("--ids must be from 0 to " + (vocabulary - 1) + ", were " + ids);
        }
        try (Decoder decoder = Decoder.load(engine, directory, type);
                Scope scope = engine.scope().child()) {
            Tensor hidden_BTD = decoder.hidden(scope, TokenBatch.of(List.of(tokens)));
            Tensor rows_ND = decoder.rows(
                    scope, hidden_BTD, IntStream.range(0, tokens.length).toArray());
            Tensor hidden_ND = engine.convert(scope, rows_ND, DataType.F32);
            Tensor logits_NV = decoder.logits(scope, rows_ND);
            SafetensorsWriter.write(
                    out,
                    List.of(info("hidden_states", hidden_ND), info("logits", logits_NV)),
                    name -> (name.equals("logits") ? logits_NV : hidden_ND).bytes(),
                    Map.of("format", "pt"));
        }
    }

    private static TensorInfo info(String name, Tensor tensor) {
        return TensorInfo.of(
                name, DataType.F32, Arrays.stream(tensor.shape()).boxed().toList());
    }
}
