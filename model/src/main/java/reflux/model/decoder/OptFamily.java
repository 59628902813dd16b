// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import reflux.model.decoder.WeightSpec.Start;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.OptConfig;

/** OPT. */
record OptFamily(OptConfig config) implements Family {
    private static final String EMBEDDING = "model.decoder.embed_tokens.weight";
    private static final String POSITIONS = "model.decoder.embed_positions.weight";
    private static final String LAST_NORM = "model.decoder.final_layer_norm";
    /** Rows of the table of positions before position 0. */
    private static final int OFFSET = 2;

    private static final List<String> PROJECTIONS = List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
    private static final List<String> PARTS = List.of(
            "self_attn_layer_norm",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.out_proj",
            "final_layer_norm",
            "fc1",
            "fc2");

    @Override
    public String script() {
        return "opt.py";
    }

    @Override
    public List<WeightSpec> weights() {
        long hidden = config.hiddenSize();
        List<WeightSpec> weights = new ArrayList<>();
        weights.add(WeightSpec.of(EMBEDDING, Start.NORMAL, config.vocabularySize(), hidden));
        weights.add(WeightSpec.of(POSITIONS, Start.NORMAL, (long) config.contextLength() + OFFSET, hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String part : PARTS) {
                addPart(weights, "model.decoder.layers." + layer + "." + part, part);
            }
        }
        addPart(weights, LAST_NORM, LAST_NORM);
        if (!config.tiedHead()) {
            weights.add(WeightSpec.of("lm_head.weight", Start.NORMAL, config.vocabularySize(), hidden));
        }
        return weights;
    }

    private void addPart(List<WeightSpec> weights, String name, String part) {
        long outputs = part.equals("fc1") ? config.innerSize() : config.hiddenSize();
        long inputs = part.equals("fc2") ? config.innerSize() : config.hiddenSize();
        weights.add(
                part.endsWith("layer_norm")
                        ? WeightSpec.of(name + ".weight", Start.ONES, outputs)
                        : WeightSpec.of(name + ".weight", Start.NORMAL, outputs, inputs));
        weights.add(WeightSpec.of(name + ".bias", Start.ZEROS, outputs));
    }

    @Override
    public String prefix() {
        return "model.";
    }

    @Override
    public boolean isBuffer(String name) {
        return false;
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
        List<String> names =
                new ArrayList<>(List.of(EMBEDDING, LAST_NORM + ".weight", head(), LAST_NORM + ".bias", POSITIONS));
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String part : PARTS) {
                names.add("model.decoder.layers." + layer + "." + part + ".weight");
                names.add("model.decoder.layers." + layer + "." + part + ".bias");
            }
        }
        return names;
    }

    @Override
    public List<List<String>> stacks() {
        List<List<String>> stacks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String end : List.of(".weight", ".bias")) {
                String prefix = "model.decoder.layers." + layer + ".";
                stacks.add(PROJECTIONS.stream().map(part -> prefix + part + end).toList());
            }
        }
        return stacks;
    }

    @Override
    public String layers() {
        return "model.decoder.layers.";
    }

    @Override
    public boolean isTransposed() {
        return false;
    }

    /** That of transformers, which config.json does not name. */
    @Override
    public double normEpsilon() {
        return 1e-5;
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
