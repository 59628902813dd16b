// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import reflux.model.hf.DecoderConfig;
import reflux.model.safetensors.TensorSource;
import reflux.v1.Fingerprints;
import reflux.v1.Limits;
import reflux.v1.ModelCard;

/** What the learner's door says about the student. */
final class StudentCard {
    private static final int MAX_RESPONSE_BYTES = 1 << 20;

    private StudentCard() {}

    static ModelCard of(RunFiles files) {
        DecoderConfig student = files.student().config();
        return ModelCard.newBuilder()
                .setName(files.student().name())
                .setFamily(student.family())
                .setHiddenSize(student.hiddenSize())
                .setVocabularySize(files.tokenizer().vocabulary().size())
                .setPaddedVocabularySize(student.vocabularySize())
                .setLayers(student.layers())
                .setContextLength(student.contextLength())
                .setParameters(parameters(files))
                .setFingerprints(Fingerprints.newBuilder()
                        .setTokenizer(files.tokenizer().vocabulary().fingerprint())
                        .setChatTemplate(files.tokenizer().chatTemplateFingerprint()))
                .build();
    }

    private static long parameters(RunFiles files) {
        try (TensorSource weights = files.student().openWeights()) {
            return weights.tensors().stream()
                    .mapToLong(tensor -> tensor.bytes() / tensor.type().bytes())
                    .sum();
        }
    }

    static Limits limits(RunFiles files, LearnerConfig config) {
        return Limits.newBuilder()
                .setMaxPromptTokens(files.student().config().contextLength() - 1)
                .setMaxResponseTokens(config.maxNewTokens())
                .setMaxResponseBytes(MAX_RESPONSE_BYTES)
                .setMaxItemsInFlight(config.maxItemsInFlight())
                .build();
    }
}
