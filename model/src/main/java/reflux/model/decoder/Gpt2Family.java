// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import reflux.model.decoder.WeightSpec.Start;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.Gpt2Config;

/** GPT-2. */
record Gpt2Family(Gpt2Config config) implements Family {
    private static final List<String> PARTS =
            List.of("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj");

    @Override
    public String script() {
        return "gpt2.py";
    }

    @Override
    public List<WeightSpec> weights() {
        long hidden = config.hiddenSize();
        List<WeightSpec> weights = new ArrayList<>();
        weights.add(WeightSpec.of("transformer.wte.weight", Start.NORMAL, config.vocabularySize(), hidden));
        weights.add(WeightSpec.of("transformer.wpe.weight", Start.NORMAL, config.contextLength(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            addLayer(weights, "transformer.h." + layer + ".");
        }
        weights.add(WeightSpec.of("transformer.ln_f.weight", Start.ONES, hidden));
        weights.add(WeightSpec.of("transformer.ln_f.bias", Start.ZEROS, hidden));
        if (!config.tiedHead()) {
            weights.add(WeightSpec.of("lm_head.weight", Start.NORMAL, config.vocabularySize(), hidden));
        }
        return weights;
    }

    private void addLayer(List<WeightSpec> weights, String layer) {
        long hidden = config.hiddenSize();
        long inner = config.innerSize();
        addNorm(weights, layer + "ln_1");
        addMatrix(weights, layer + "attn.c_attn", Start.NORMAL, hidden, 3 * hidden);
        addMatrix(weights, layer + "attn.c_proj", Start.RESIDUAL, hidden, hidden);
        addNorm(weights, layer + "ln_2");
        addMatrix(weights, layer + "mlp.c_fc", Start.NORMAL, hidden, inner);
        addMatrix(weights, layer + "mlp.c_proj", Start.RESIDUAL, inner, hidden);
    }

    private void addNorm(List<WeightSpec> weights, String name) {
        weights.add(WeightSpec.of(name + ".weight", Start.ONES, config.hiddenSize()));
        weights.add(WeightSpec.of(name + ".bias", Start.ZEROS, config.hiddenSize()));
    }

    private static void addMatrix(List<WeightSpec> weights, String name, Start start, long inputs, long outputs) {
        weights.add(WeightSpec.of(name + ".weight", start, inputs, outputs));
        weights.add(WeightSpec.of(name + ".bias", Start.ZEROS, outputs));
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    @Override
    public boolean isBuffer(String name) {
        return name.matches("h\\.\\d+\\.attn\\.(bias|masked_bias)");
    }

    @Override
    public String head() {
        return config.tiedHead() ? "transformer.wte.weight" : "lm_head.weight";
    }

    @Override
    public String embeddings() {
        return "transformer.wte.weight";
    }

    @Override
    public List<String> arguments() {
        List<String> names = new ArrayList<>(List.of(
                "transformer.wte.weight",
                "transformer.ln_f.weight",
                head(),
                "transformer.wpe.weight",
                "transformer.ln_f.bias"));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String part : PARTS) {
                names.add("transformer.h." + layer + "." + part + ".weight");
                names.add("transformer.h." + layer + "." + part + ".bias");
            }
        }
        return names;
    }

    @Override
    public String layers() {
        return "transformer.h.";
    }

    @Override
    public boolean isTransposed() {
        return true;
    }

    @Override
    public long[] flags() {
        return new long[] {config.activation().equals("gelu") ? 0 : 1};
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
        return List.of();
    }
}
