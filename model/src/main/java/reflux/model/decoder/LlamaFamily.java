// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import reflux.model.decoder.WeightSpec.Start;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.LocalAttention;

/** Llama, Mistral, Qwen2, Qwen3, SmolLM2. */
record LlamaFamily(LlamaConfig config) implements Family {
    private static final List<String> MATRICES = List.of(
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "mlp.gate_proj",
            "mlp.up_proj",
            "mlp.down_proj");
    /** Ranges of the matrices that read the same input. */
    private static final int[][] STACKS = {{0, 3}, {4, 6}};

    private static final List<String> HEAD_NORMS = List.of("self_attn.q_norm.weight", "self_attn.k_norm.weight");

    @Override
    public String script() {
        return "llama.py";
    }

    @Override
    public List<WeightSpec> weights() {
        long hidden = config.hiddenSize();
        List<WeightSpec> weights = new ArrayList<>();
        weights.add(WeightSpec.of("model.embed_tokens.weight", Start.NORMAL, config.vocabularySize(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            addLayer(weights, "model.layers." + layer + ".");
        }
        weights.add(WeightSpec.of("model.norm.weight", Start.ONES, hidden));
        if (!config.tiedHead()) {
            weights.add(WeightSpec.of("lm_head.weight", Start.NORMAL, config.vocabularySize(), hidden));
        }
        return weights;
    }

    private void addLayer(List<WeightSpec> weights, String layer) {
        weights.add(WeightSpec.of(layer + "input_layernorm.weight", Start.ONES, config.hiddenSize()));
        for (int matrix = 0; matrix < MATRICES.size(); matrix++) {
            String name = layer + MATRICES.get(matrix);
            weights.add(WeightSpec.of(name + ".weight", Start.NORMAL, outputs(matrix), inputs(matrix)));
            if (hasBias(matrix)) {
                weights.add(WeightSpec.of(name + ".bias", Start.ZEROS, outputs(matrix)));
            }
        }
        for (String norm : config.qkNorm() ? HEAD_NORMS : List.<String>of()) {
            weights.add(WeightSpec.of(layer + norm, Start.ONES, config.headSize()));
        }
        weights.add(WeightSpec.of(layer + "post_attention_layernorm.weight", Start.ONES, config.hiddenSize()));
    }

    private long outputs(int matrix) {
        return switch (matrix) {
            case 0 -> (long) config.heads() * config.headSize();
            case 1, 2 -> (long) config.keyValueHeads() * config.headSize();
            case 4, 5 -> config.intermediateSize();
            default -> config.hiddenSize();
        };
    }

    private long inputs(int matrix) {
        return switch (matrix) {
            case 3 -> (long) config.heads() * config.headSize();
            case 6 -> config.intermediateSize();
            default -> config.hiddenSize();
        };
    }

    private boolean hasBias(int matrix) {
        if (matrix >= 4) {
            return config.mlpBias();
        }
        return config.attentionBias() || (matrix < 3 && config.qkvBias());
    }

    @Override
    public String prefix() {
        return "model.";
    }

    @Override
    public boolean isBuffer(String name) {
        return name.endsWith("rotary_emb.inv_freq");
    }

    @Override
    public String head() {
        return config.tiedHead() ? "model.embed_tokens.weight" : "lm_head.weight";
    }

    @Override
    public String embeddings() {
        return "model.embed_tokens.weight";
    }

    @Override
    public List<String> arguments() {
        List<String> names = new ArrayList<>(List.of("model.embed_tokens.weight", "model.norm.weight", head()));
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            names.add(prefix + "input_layernorm.weight");
            MATRICES.subList(0, 4).forEach(matrix -> names.add(prefix + matrix + ".weight"));
            names.add(prefix + "post_attention_layernorm.weight");
            MATRICES.subList(4, 7).forEach(matrix -> names.add(prefix + matrix + ".weight"));
            for (int matrix = 0; matrix < MATRICES.size(); matrix++) {
                names.add(hasBias(matrix) ? prefix + MATRICES.get(matrix) + ".bias" : "");
            }
            HEAD_NORMS.forEach(norm -> names.add(config.qkNorm() ? prefix + norm : ""));
        }
        return names;
    }

    @Override
    public List<List<String>> stacks() {
        List<List<String>> stacks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (int[] range : STACKS) {
                String prefix = "model.layers." + layer + ".";
                List<String> modules = MATRICES.subList(range[0], range[1]);
                stacks.add(
                        modules.stream().map(each -> prefix + each + ".weight").toList());
                if (hasBias(range[0])) {
                    stacks.add(modules.stream()
                            .map(each -> prefix + each + ".bias")
                            .toList());
                }
            }
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
        return new RotaryAngles(config.headSize(), config.ropeTheta(), config.ropeScaling())
                .tables(owner, type, positions);
    }
}
