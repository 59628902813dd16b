// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sampling defaults in transformers' names. */
final class GenerationJson {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationJson.class);
    /** What else changes which token transformers takes, with the value that changes nothing. */
    private static final Map<String, Double> OTHERS = new TreeMap<>(Map.of(
            "repetition_penalty", 1.0,
            "encoder_repetition_penalty", 1.0,
            "no_repeat_ngram_size", 0.0,
            "typical_p", 1.0,
            "min_p", 0.0,
            "epsilon_cutoff", 0.0,
            "eta_cutoff", 0.0,
            "num_beams", 1.0,
            "min_new_tokens", 0.0,
            "min_length", 0.0));

    private static final List<String> LISTS =
            List.of("bad_words_ids", "begin_suppress_tokens", "suppress_tokens", "sequence_bias", "stop_strings");

    private GenerationJson() {}

    /** Settings, as {@code key value}, that transformers would apply and this does not. */
    static List<String> leftOut(JsonFile file) {
        List<String> left = new ArrayList<>();
        OTHERS.forEach((key, neutral) -> {
            if (file.has(key) && file.number(key, neutral) != neutral) {
                left.add(key + " " + file.number(key, neutral));
            }
        });
        LISTS.stream().filter(key -> file.node(key).size() > 0).forEach(left::add);
        return left;
    }

    /** Reads the file; where it is absent or names no end ids, those of the model hold. */
    static GenerationConfig read(Path generationJson, List<Integer> modelEosIds) {
        if (!Files.exists(generationJson)) {
            return GenerationConfig.plain(modelEosIds);
        }
        JsonFile file = JsonFile.read(generationJson);
        List<Integer> eosIds = file.ids("eos_token_id");
        List<String> left = leftOut(file);
        if (!left.isEmpty()) {
            LOG.warn("{}: {} not applied when this model samples", generationJson, String.join(", ", left));
        }
        return file.naming(() -> new GenerationConfig(
                file.flag("do_sample", true) ? file.number("temperature", 1) : 0,
                file.integer("top_k", 0),
                file.number("top_p", 1),
                file.integer("max_new_tokens", 0),
                eosIds.isEmpty() ? modelEosIds : eosIds));
    }

    static ObjectNode write(GenerationConfig config) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        boolean sampled = config.temperature() > 0;
        root.put("do_sample", sampled);
        if (sampled) {
            root.put("temperature", config.temperature());
            root.put("top_k", config.topK());
            root.put("top_p", config.topP());
        }
        if (config.maxNewTokens() > 0) {
            root.put("max_new_tokens", config.maxNewTokens());
        }
        DecoderConfigs.putIds(root, config.eosIds());
        return root;
    }
}
