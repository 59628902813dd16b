// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import reflux.model.decoder.WeightSpec.Start;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.GptNeoxConfig;

/** GPT-NeoX, Pythia. */
record GptNeoxFamily(GptNeoxConfig config) implements Family {
    private static final String EMBEDDING = "gpt_neox.embed_in.weight";
    private static final List<String> PARTS = List.of(
            "input_layernorm",
            "attention.query_key_value",
            "attention.dense",
            "post_attention_layernorm",
            "mlp.dense_h_to_4h",
            "mlp.dense_4h_to_h");

    @Override
    public String script() {
        return "gpt_neox.py";
    }

    @Override
    public List<WeightSpec> weights() {
        long hidden = config.hiddenSize();
        List<WeightSpec> weights = new ArrayList<>();
        weights.add(WeightSpec.of(EMBEDDING, Start.NORMAL, config.vocabularySize(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String part : PARTS) {
                addPart(weights, layer, part);
            }
        }
        weights.add(WeightSpec.of("gpt_neox.final_layer_norm.weight", Start.ONES, hidden));
        weights.add(WeightSpec.of("gpt_neox.final_layer_norm.bias", Start.ZEROS, hidden));
        if (!config.tiedHead()) {
            weights.add(WeightSpec.of("embed_out.weight", Start.NORMAL, config.vocabularySize(), hidden));
        }
        return weights;
    }

    private void addPart(List<WeightSpec> weights, int layer, String part) {
        String name = "gpt_neox.layers." + layer + "." + part;
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        long outputs =
                switch (part) {
                    case "attention.query_key_value" -> 3 * hidden;
                    case "mlp.dense_h_to_4h" -> inner;
                    default -> hidden;
                };
        if (part.endsWith("layernorm")) {
            weights.add(WeightSpec.of(name + ".weight", Start.ONES, hidden));
        } else {
            long inputs = part.equals("mlp.dense_4h_to_h") ? inner : hidden;
            weights.add(WeightSpec.of(name + ".weight", Start.NORMAL, outputs, inputs));
        }
        if (hasBias(part)) {
            weights.add(WeightSpec.of(name + ".bias", Start.ZEROS, outputs));
        }
    }

    private boolean hasBias(String part) {
        return config.attentionBias() || !part.startsWith("attention.");
    }

    @Override
    public String prefix() {
        return "gpt_neox.";
    }

    @Override
    public boolean isBuffer(String name) {
        return name.matches("layers\\.\\d+\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)");
    }

    @Override
    public String head() {
        return config.tiedHead() ? EMBEDDING : "embed_out.weight";
    }

    @Override
    public String embeddings() {
        return EMBEDDING;
    }

    @Override
    public List<String> arguments() {
        List<String> names = new ArrayList<>(
                List.of(EMBEDDING, "gpt_neox.final_layer_norm.weight", head(), "gpt_neox.final_layer_norm.bias"));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String part : PARTS) {
                String name = "gpt_neox.layers." + layer + "." + part;
                names.add(name + ".weight");
                names.add(hasBias(part) ? name + ".bias" : "");
            }
        }
        return names;
    }

    @Override
    public String layers() {
        return "gpt_neox.layers.";
    }

    @Override
    public boolean isTransposed() {
        return false;
    }

    @Override
    public long[] flags() {
        return new long[] {config.isParallel() ? 1 : 0, config.activation().equals("gelu") ? 0 : 1};
    }

    @Override
    public double normEpsilon() {
        return config.normEpsilon();
    }

    @Override
    public int keyValueHeads() {
        return config.heads();
    }

    @Override
    public int headSize() {
        return config.hiddenSize() / config.heads();
    }

    @Override
    public List<Tensor> tables(Scope owner, DataType type, int positions) {
        return new RotaryAngles(config.rotarySize(), config.ropeTheta(), config.ropeScaling())
                .tables(owner, type, positions);
    }
}
