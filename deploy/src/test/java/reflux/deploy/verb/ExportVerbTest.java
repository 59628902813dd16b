// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Lora;
import reflux.model.decoder.Parameter;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.LoraConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.hf.WeightsFingerprint;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TrainedBpe;

/** Seeds 1 to 3. */
class ExportVerbTest {
    private static final LoraConfig LORA = new LoraConfig(4, 8, 0, List.of(LoraConfig.ALL_LINEAR), false);
    private static final TokenBatch BATCH = TokenBatch.of(List.of(new int[] {5, 9, 80, 7, 11}));

    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();

    @Test
    void merged_hasTheLogitsOfBaseAndAdapter() {
        Path base = model("base", 1);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("export-test", 1))) {
            float[] beside = thread.call(engine -> writeAdapter(engine, base));

            int code = export("--merge", "--adapter", folder.resolve("adapter").toString(), "--model", base.toString());

            assertThat(err.toString()).isEmpty();
            assertThat(code).isZero();
            ModelDirectory merged = ModelDirectory.open(folder.resolve("out"));
            thread.call(engine -> {
                try (Decoder decoder = Decoder.load(engine, merged, DataType.F32)) {
                    assertThat(logits(engine, decoder)).containsExactly(beside, within(1e-4f));
                }
                return true;
            });
            merged.openTokenizer().close();
        }
    }

    @Test
    void adapterOfOtherWeights_isRefused() {
        Path base = model("base", 1);
        Path other = model("other", 3);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("export-test", 1))) {
            thread.call(engine -> writeAdapter(engine, base));
        }

        int code = export("--merge", "--adapter", folder.resolve("adapter").toString(), "--model", other.toString());

        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("belongs to the weights of").contains("other");
    }

    @Test
    void withoutAdapter_convertsTheType() {
        int code = export("--dtype", "bf16", "--model", model("base", 1).toString());

        assertThat(code).isZero();
        try (TensorSource weights = ModelDirectory.open(folder.resolve("out")).openWeights()) {
            assertThat(weights.tensors()).allMatch(info -> info.type() == DataType.BF16);
        }
    }

    @Test
    void adapterWithoutMerge_isWrongUse() {
        int code = export("--adapter", "x", "--model", "y");

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("--merge");
    }

    private int export(String... options) {
        CommandLine line = RefluxCommand.create().setErr(new PrintWriter(err));
        String[] arguments = new String[options.length + 3];
        arguments[0] = "export";
        System.arraycopy(options, 0, arguments, 1, options.length);
        arguments[options.length + 1] = "--out";
        arguments[options.length + 2] = folder.resolve("out").toString();
        return line.execute(arguments);
    }

    /** Logits of the base with the adapter beside it. */
    private float[] writeAdapter(Engine engine, Path base) {
        ModelDirectory directory = ModelDirectory.open(base);
        try (Decoder decoder = Lora.fresh(engine, directory, LORA, 2);
                TensorSource weights = directory.openWeights()) {
            for (Parameter parameter : decoder.weights().parameters()) {
                double[] values = new SplittableRandom(2)
                        .doubles(parameter.value().count(), -0.3, 0.3)
                        .toArray();
                try (Scope scope = engine.scope().child()) {
                    engine.copy(scope.doubles(values, parameter.value().shape()), parameter.value());
                }
            }
            Lora.write(
                    decoder,
                    folder.resolve("adapter"),
                    new AdapterDirectory.Base(base.toString(), WeightsFingerprint.of(weights)));
            return logits(engine, decoder);
        }
    }

    private static float[] logits(Engine engine, Decoder decoder) {
        try (Scope scope = engine.scope().child()) {
            return decoder.logits(scope, decoder.rows(scope, decoder.hidden(scope, BATCH), new int[] {0, 1, 2, 3, 4}))
                    .floats();
        }
    }

    private Path model(String name, long seed) {
        TrainedBpe bpe = BpeTrainer.byteLevel(280).train(List.of("hello world", "the quick brown fox"));
        Gpt2Config config = new Gpt2Config(bpe.size(), 16, 32, 2, 2, 48, 1e-5, "gelu_new", true, List.of(bpe.endId()));
        bpe.write(folder.resolve("tokenizer"));
        Path model = folder.resolve(name);
        try (EngineThread engine = EngineThread.start(EngineSettings.cpu("export-writer", 1))) {
            engine.call(open -> {
                Decoder decoder = Decoder.random(open, config, seed);
                ModelDirectory.write(
                        model,
                        config,
                        GenerationConfig.plain(config.eosIds()),
                        decoder.weights().infos(),
                        decoder.weights()::bytes,
                        folder.resolve("tokenizer"),
                        DataType.F32);
                return true;
            });
        }
        return model;
    }
}
