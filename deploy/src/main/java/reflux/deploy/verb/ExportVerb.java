// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reflux.learner.sft.SavedModel;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Lora;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorSource;

@Command(
        name = "export",
        sortOptions = false,
        description = {
            "Write a model as a Hugging Face directory of its own: with a LoRA adapter folded in (--merge --adapter),",
            "in another type (--dtype), or both."
        })
final class ExportVerb implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Hugging Face directory of the base.")
    private Path model = Path.of(".");

    @Option(names = "--adapter", paramLabel = "DIR", description = "A LoRA adapter in PEFT's layout.")
    private @Nullable Path adapter;

    @Option(names = "--merge", description = "Fold the adapter into the base: W + scale * BA, computed in F32.")
    private boolean isMerging;

    @Option(
            names = "--dtype",
            defaultValue = "F32",
            description = "Type of the written weights: F32 or BF16 (default: ${DEFAULT-VALUE}).")
    private DataType type = DataType.F32;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The new directory.")
    private Path out = Path.of(".");

    @Override
    public Integer call() {
        if (isMerging != (adapter != null)) {
            throw wrongUse("--merge and --adapter belong together: an adapter can only be exported folded in");
        }
        if (type != DataType.F32 && type != DataType.BF16) {
            throw wrongUse("--dtype must be F32 or BF16, was " + type);
        }
        ModelDirectory base = ModelDirectory.open(model);
        Optional<AdapterDirectory> folded = Optional.ofNullable(adapter).map(AdapterDirectory::open);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("export", 1))) {
            thread.call(engine -> {
                try (Decoder decoder = open(engine, base, folded)) {
                    SavedModel.write(decoder, base, out, type);
                }
                return out;
            });
        }
        System.out.println(out + ": " + base.name()
                + folded.map(found -> " with " + found.path() + " folded in").orElse("") + ", " + type);
        return 0;
    }

    private static Decoder open(Engine engine, ModelDirectory base, Optional<AdapterDirectory> folded) {
        if (folded.isEmpty()) {
            return Decoder.load(engine, base, DataType.F32);
        }
        AdapterDirectory adapter = folded.get();
        adapter.requireBase(base);
        try (TensorSource weights = base.openWeights();
                TensorSource tensors = adapter.openWeights()) {
            return Lora.merged(engine, base.config(), weights, adapter.config(), tensors, DataType.F32);
        }
    }

    private ParameterException wrongUse(String message) {
        return new ParameterException(requireNonNull(spec).commandLine(), message);
    }
}
