// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import reflux.model.decoder.WeightSpec.Start;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.Gemma3Config;
import reflux.model.hf.LocalAttention;
import reflux.model.hf.RopeScaling;

/** Gemma 3 (text). A gain of its norms is 1 + weight. */
record Gemma3Family(Gemma3Config config) implements Family {
    private static final String EMBEDDING = "model.embed_tokens.weight";

    @Override
    public String script() {
        return "gemma3.py";
    }

    @Override
    public List<WeightSpec> weights() {
        long hidden = config.hiddenSize();
        List<WeightSpec> weights = new ArrayList<>();
        weights.add(WeightSpec.of(EMBEDDING, Start.NORMAL, config.vocabularySize(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            weights.addAll(layer("model.layers." + layer + "."));
        }
        weights.add(WeightSpec.of("model.norm.weight", Start.ZEROS, hidden));
        if (!config.tiedHead()) {
            weights.add(WeightSpec.of("lm_head.weight", Start.NORMAL, config.vocabularySize(), hidden));
        }
        return weights;
    }

    /** In the script's order. */
    private List<WeightSpec> layer(String layer) {
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        long size = config.headSize();
        long queries = config.heads() * size;
        long keys = config.keyValueHeads() * size;
        return List.of(
                WeightSpec.of(layer + "input_layernorm.weight", Start.ZEROS, hidden),
                WeightSpec.of(layer + "self_attn.q_proj.weight", Start.NORMAL, queries, hidden),
                WeightSpec.of(layer + "self_attn.k_proj.weight", Start.NORMAL, keys, hidden),
                WeightSpec.of(layer + "self_attn.v_proj.weight", Start.NORMAL, keys, hidden),
                WeightSpec.of(layer + "self_attn.q_norm.weight", Start.ZEROS, size),
                WeightSpec.of(layer + "self_attn.k_norm.weight", Start.ZEROS, size),
                WeightSpec.of(layer + "self_attn.o_proj.weight", Start.NORMAL, hidden, queries),
                WeightSpec.of(layer + "post_attention_layernorm.weight", Start.ZEROS, hidden),
                WeightSpec.of(layer + "pre_feedforward_layernorm.weight", Start.ZEROS, hidden),
                WeightSpec.of(layer + "mlp.gate_proj.weight", Start.NORMAL, inner, hidden),
                WeightSpec.of(layer + "mlp.up_proj.weight", Start.NORMAL, inner, hidden),
                WeightSpec.of(layer + "mlp.down_proj.weight", Start.NORMAL, hidden, inner),
                WeightSpec.of(layer + "post_feedforward_layernorm.weight", Start.ZEROS, hidden));
    }

    @Override
    public String prefix() {
        return "model.";
    }

    @Override
    public boolean isBuffer(String name) {
        return name.endsWith(".inv_freq");
    }

    @Override
    public String head() {
        return config.tiedHead() ? EMBEDDING : "lm_head.weight";
    }

    @Override
    public String embeddings() {
        return EMBEDDING;
    }

    @Override
    public List<String> arguments() {
        List<String> names = new ArrayList<>(List.of(EMBEDDING, "model.norm.weight", head(), ""));
        for (int layer = 0; layer < config.layers(); layer++) {
            layer("model.layers." + layer + ".").forEach(spec -> names.add(spec.name()));
        }
        return names;
    }

    @Override
    public List<List<String>> stacks() {
        List<List<String>> stacks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            stacks.add(Stream.of("q", "k", "v")
                    .map(each -> prefix + "self_attn." + each + "_proj.weight")
                    .toList());
            stacks.add(List.of(prefix + "mlp.gate_proj.weight", prefix + "mlp.up_proj.weight"));
        }
        return stacks;
    }

    @Override
    public String layers() {
        return "model.layers.";
    }

    @Override
    public boolean isTransposed() {
        return false;
    }

    @Override
    public LocalAttention local() {
        return config.local();
    }

    @Override
    public long[] flags() {
        return new long[] {config.queryScalar()};
    }

    @Override
    public double normEpsilon() {
        return config.normEpsilon();
    }

    @Override
    public int keyValueHeads() {
        return config.keyValueHeads();
    }

    @Override
    public int headSize() {
        return config.headSize();
    }

    @Override
    public List<Tensor> tables(Scope owner, DataType type, int positions) {
        RotaryAngles global = new RotaryAngles(config.headSize(), config.ropeTheta(), config.ropeScaling());
        RotaryAngles local = new RotaryAngles(config.headSize(), config.localRopeTheta(), new RopeScaling.None());
        List<Tensor> tables = new ArrayList<>(global.tables(owner, type, positions));
        tables.addAll(local.tables(owner, type, positions));
        return tables;
    }
}
