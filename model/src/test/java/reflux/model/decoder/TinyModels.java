// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.Gemma3Config;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.GptNeoxConfig;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.LocalAttention;
import reflux.model.hf.OptConfig;
import reflux.model.hf.RopeScaling;

/** Models of a few thousand weights that between them use every feature of the families. */
final class TinyModels {
    /** Grouped-query attention, tied head. */
    static final LlamaConfig LLAMA = llama("llama", 4, 2, 8, new RopeScaling.None(), true, "");

    /** Biases on q, k and v. */
    static final LlamaConfig QWEN2 = llama("qwen2", 4, 1, 8, new RopeScaling.None(), true, "qkv");

    /** Llama 3.1's rotary scaling, own head, all biases. */
    static final LlamaConfig LLAMA3 = llama("llama", 4, 2, 8, new RopeScaling.Llama3(8, 1, 4, 16), false, "all");

    /** Heads that are wider than D / H, linear rotary scaling, own head. */
    static final LlamaConfig MISTRAL = llama("mistral", 2, 2, 16, new RopeScaling.Linear(2), false, "");

    /** Norms of queries and keys. */
    static final LlamaConfig QWEN3 = llama("qwen3", 4, 2, 16, new RopeScaling.None(), true, "");

    /** The second layer attends to four tokens only. */
    static final LlamaConfig LOCAL = local(new LocalAttention(4, List.of(1)), 48);

    /** The first layer attends to four tokens only. */
    static final Gemma3Config GEMMA3 = new Gemma3Config(
            37,
            24,
            40,
            2,
            4,
            2,
            16,
            48,
            100,
            new RopeScaling.Linear(2),
            20,
            10,
            1e-5,
            true,
            List.of(1),
            new LocalAttention(4, List.of(0)));

    /** A quarter of each head turns. */
    static final GptNeoxConfig GPT_NEOX = new GptNeoxConfig(
            37, 24, 40, 2, 3, 48, 2, 100, new RopeScaling.None(), 1e-5, "gelu", true, true, false, List.of(1));

    static final OptConfig OPT = new OptConfig(37, 24, 40, 2, 3, 48, true, List.of(1));

    static final Gpt2Config GPT2 = new Gpt2Config(37, 24, 40, 2, 3, 48, 1e-5, "gelu_new", true, List.of(1));

    /** Exact gelu, own head. */
    static final Gpt2Config GPT2_OWN_HEAD = new Gpt2Config(37, 24, 40, 2, 3, 48, 1e-5, "gelu", false, List.of(1));

    /** What {@link OracleDecoder} knows; the others are held against transformers alone ({@link FamilyGoldenTest}). */
    static final List<DecoderConfig> WITH_ORACLE = List.of(LLAMA, QWEN2, LLAMA3, MISTRAL, GPT2, GPT2_OWN_HEAD);

    static final List<DecoderConfig> ALL = Stream.concat(
                    WITH_ORACLE.stream(), Stream.of(QWEN3, LOCAL, GEMMA3, GPT_NEOX, OPT))
            .toList();

    /** Names of heads that are not the embedding. */
    static final Set<String> OWN_HEADS = Set.of("lm_head.weight", "embed_out.weight");

    private TinyModels() {}

    private static LlamaConfig llama(
            String family,
            int heads,
            int keyValueHeads,
            int headSize,
            RopeScaling scaling,
            boolean tied,
            String biases) {
        boolean all = biases.equals("all");
        return new LlamaConfig(
                family,
                37,
                24,
                40,
                2,
                heads,
                keyValueHeads,
                headSize,
                48,
                100,
                scaling,
                1e-5,
                tied,
                all,
                all || biases.equals("qkv"),
                all,
                List.of(1));
    }

    /** Grouped-query attention with local layers. */
    static LlamaConfig local(LocalAttention local, int contextLength) {
        return new LlamaConfig(
                "qwen2",
                37,
                24,
                40,
                2,
                4,
                2,
                8,
                contextLength,
                100,
                new RopeScaling.None(),
                1e-5,
                false,
                false,
                true,
                false,
                List.of(1),
                local);
    }

    /** A trainable model with no weight at a special value: norms are not 1, biases not 0. */
    static Decoder trainable(Engine engine, DecoderConfig config, DataType type) {
        Decoder decoder = Decoder.random(engine, config, 1, type);
        Map<String, double[]> values = values(config);
        try (Scope scope = engine.scope().child()) {
            values.forEach((name, value) -> {
                Tensor weight = decoder.weights().get(name);
                engine.copy(scope.doubles(value, weight.shape()), weight);
            });
        }
        return decoder;
    }

    static Decoder frozen(Engine engine, DecoderConfig config, DataType type) {
        return Decoder.load(engine, config, source(config), type);
    }

    static MapSource source(DecoderConfig config) {
        MapSource source = new MapSource();
        Map<String, double[]> values = values(config);
        for (WeightSpec spec : Family.of(config).weights()) {
            source.put(spec.name(), values.get(spec.name()), spec.dimensions());
        }
        return source;
    }

    /** Seed 20; every value is one that f32 can hold. */
    static Map<String, double[]> values(DecoderConfig config) {
        SplittableRandom random = new SplittableRandom(20);
        Map<String, double[]> values = new LinkedHashMap<>();
        for (WeightSpec spec : Family.of(config).weights()) {
            double centre = spec.start() == WeightSpec.Start.ONES ? 1 : 0;
            double[] value = new double[spec.count()];
            for (int i = 0; i < value.length; i++) {
                value[i] = (float) (centre + 0.25 * random.nextGaussian());
            }
            values.put(spec.name(), value);
        }
        return values;
    }

    static int[] ids(int seed, int length) {
        return new SplittableRandom(seed).ints(length, 0, 37).toArray();
    }
}
