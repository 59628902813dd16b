// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import reflux.generator.sampling.RolloutSampler;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.text.TextTokenizer;
import reflux.v1.DataType;
import reflux.v1.Fingerprints;
import reflux.v1.Limits;
import reflux.v1.ModelCard;

/** The student as the door sees it: its card and limits, its tokenizer and its sampler. */
record Student(
        TextTokenizer tokenizer, RolloutSampler sampler, GenerationConfig generation, ModelCard card, Limits limits) {
    static Student of(ModelDirectory model, TextTokenizer tokenizer, RolloutSampler sampler, GeneratorConfig config) {
        return new Student(
                tokenizer,
                sampler,
                model.generation(),
                card(model, tokenizer, sampler, config),
                limits(tokenizer, config));
    }

    private static ModelCard card(
            ModelDirectory model, TextTokenizer tokenizer, RolloutSampler sampler, GeneratorConfig config) {
        DecoderConfig decoder = model.config();
        return ModelCard.newBuilder()
                .setName(model.name())
                .setFamily(decoder.family())
                .setHiddenSize(decoder.hiddenSize())
                .setVocabularySize(tokenizer.vocabulary().size())
                .setPaddedVocabularySize(decoder.vocabularySize())
                .setLayers(decoder.layers())
                .setContextLength(decoder.contextLength())
                .setParameters(sampler.policy().layout().stream()
                        .mapToLong(TensorInfo::count)
                        .sum())
                .setComputeType(config.dtype().equals("f32") ? DataType.DATA_TYPE_F32 : DataType.DATA_TYPE_BF16)
                .setFingerprints(Fingerprints.newBuilder()
                        .setTokenizer(tokenizer.vocabulary().fingerprint())
                        .setChatTemplate(tokenizer.chatTemplateFingerprint()))
                .addAllEosIds(decoder.eosIds())
                .build();
    }

    private static Limits limits(TextTokenizer tokenizer, GeneratorConfig config) {
        int longest = 0;
        for (int id = 0; id < tokenizer.vocabulary().size(); id++) {
            longest = Math.max(longest, tokenizer.vocabulary().length(id));
        }
        return Limits.newBuilder()
                .setMaxPromptTokens(config.maxLength() - 1)
                .setMaxResponseTokens(config.maxNewTokens())
                .setMaxResponseBytes(Math.multiplyExact(config.maxNewTokens(), longest))
                .setMaxItemsInFlight(config.maxItemsInFlight())
                .build();
    }
}
