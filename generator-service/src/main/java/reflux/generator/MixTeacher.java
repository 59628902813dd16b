// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import java.nio.file.Path;
import java.util.Optional;
import reflux.generator.sampling.MixModel;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.model.text.Vocabulary;

/** Checks that the teacher of {@code mix_teacher} can be mixed with the student. */
final class MixTeacher {
    private static final String KEY = "generator.mix_teacher";
    private static final int BRIEF = 16;

    private MixTeacher() {}

    /**
     * The teacher's model, or nothing if none is named. Its weights are not read yet.
     *
     * @param config settled for the student
     * @throws IllegalArgumentException naming both sides and a remedy
     */
    static Optional<MixModel> open(GeneratorConfig config, Vocabulary student) {
        if (config.mixTeacher().isBlank()) {
            return Optional.empty();
        }
        ModelDirectory teacher = ModelDirectory.open(Path.of(config.mixTeacher()));
        int context = teacher.config().contextLength();
        if (context < config.maxLength()) {
            throw new IllegalArgumentException(
                    KEY + " " + teacher.name() + " has a context of " + context + " tokens, generator.max_length is "
                            + config.maxLength() + "; make max_length at most " + context);
        }
        requireTokenizer(config, teacher, student);
        return Optional.of(new MixModel(teacher, config.mixComputeType()));
    }

    private static void requireTokenizer(GeneratorConfig config, ModelDirectory teacher, Vocabulary student) {
        try (TextTokenizer tokenizer = teacher.openTokenizer()) {
            Vocabulary vocabulary = tokenizer.vocabulary();
            if (!vocabulary.fingerprint().equals(student.fingerprint())) {
                throw new IllegalArgumentException("tokenizer differs: generator.model " + config.model() + " has "
                        + brief(student) + ", " + KEY + " " + config.mixTeacher() + " has " + brief(vocabulary)
                        + "; only a teacher of the student's own tokenizer can be mixed in");
            }
        }
        int rows = teacher.config().vocabularySize();
        if (rows < student.size()) {
            throw new IllegalArgumentException(KEY + " " + teacher.name() + ": the tokenizer has " + student.size()
                    + " ids, but config.json's vocab_size is " + rows + "; they belong to different models");
        }
    }

    private static String brief(Vocabulary vocabulary) {
        return vocabulary.fingerprint().substring(0, BRIEF);
    }
}
