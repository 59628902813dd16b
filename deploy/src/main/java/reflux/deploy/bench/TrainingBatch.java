// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.eval.EvalSettings;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Objective;
import reflux.learner.objective.ObjectiveSettings;
import reflux.learner.rollout.TeacherHead;
import reflux.learner.step.StepSettings;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.LearningRate;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * Responses of random tokens, four of 128 tokens with their prompt, seed 4: sampled, and scored by a teacher of the student's own
 * vocabulary and width; or, for {@code sft}, given.
 */
record TrainingBatch(String objective, List<Sample> samples, int length) {
    static final String SUPERVISED = "sft";
    private static final ObjectMapper JSON = new ObjectMapper();

    static final int TOKENS = 512;
    private static final int SEQUENCES = 4;
    private static final long SEED = 4;
    private static final int PROMPT = 1;

    /** The student under training with the objective's defaults; its teacher has the student's head. */
    static TrainingStep open(Engine engine, ModelDirectory model, TextTokenizer tokenizer, String objective) {
        ObjectNode values = JSON.valueToTree(ObjectiveSettings.defaults());
        ObjectiveSettings keys = JSON.convertValue(values.put("objective", objective), ObjectiveSettings.class);
        StepSettings settings = new StepSettings(
                Objective.of(keys),
                AlignmentMethod.BYTES,
                new StepSettings.Optimiser(1e-6, keys.projectorLr(), 0.01, 0.9, 0.999, 1e-8),
                LearningRate.constant(0),
                1,
                8192,
                EvalSettings.defaults().diagnosticRows(),
                false);
        return TrainingStep.open(engine, model, tokenizer, head(model, tokenizer.vocabulary()), settings);
    }

    private static TeacherHead head(ModelDirectory model, Vocabulary vocabulary) {
        int rows = model.config().vocabularySize();
        int width = model.config().hiddenSize();
        try (TensorSource weights = model.openWeights()) {
            TensorInfo info = weights.tensors().stream()
                    .filter(each -> each.shape().equals(List.of((long) rows, (long) width)))
                    .findFirst()
                    .orElseThrow();
            ByteBuffer bytes = weights.bytes(info.name());
            return new TeacherHead("bench", info.type(), rows, width, bytes, vocabulary, Optional.empty());
        }
    }

    static TrainingBatch of(ModelDirectory model, TextTokenizer tokenizer, String objective) {
        Random random = new Random(SEED);
        Vocabulary vocabulary = tokenizer.vocabulary();
        int[] texts = IntStream.range(0, vocabulary.size())
                .filter(id -> vocabulary.kind(id) == TokenKind.TEXT)
                .toArray();
        int length = Math.min(TOKENS / SEQUENCES, model.config().contextLength());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < SEQUENCES; i++) {
            int[] ids = random.ints(length - PROMPT + 1, 0, texts.length)
                    .map(index -> texts[index])
                    .toArray();
            Sample sampled =
                    sampled(i, texts[0], ids, vocabulary, model.config().hiddenSize(), random);
            samples.add(objective.equals(SUPERVISED) ? given(sampled) : sampled);
        }
        return new TrainingBatch(objective, samples, length);
    }

    private static Sample given(Sample sampled) {
        Admitted asked = sampled.admitted();
        String text = sampled.response().toStringUtf8();
        return new Sample(
                new Admitted(asked.id(), asked.prompt(), text, Origin.DATASET, 0, 0),
                sampled.tokens(),
                ByteBuffer.allocate(0),
                ByteBuffer.allocate(0),
                0,
                sampled.promptTokens(),
                sampled.finish(),
                sampled.response(),
                Sample.Score.NONE);
    }

    private static Sample sampled(int number, int prompt, int[] ids, Vocabulary vocabulary, int width, Random random) {
        ByteBuffer hidden =
                ByteBuffer.allocate(ids.length * width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer logProbs = ByteBuffer.allocate(ids.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (hidden.hasRemaining()) {
            hidden.putFloat((float) random.nextGaussian());
        }
        while (logProbs.hasRemaining()) {
            logProbs.putFloat(-1);
        }
        byte[] spelled = vocabulary.spell(ids);
        ScoreTensor states = new ScoreTensor(DataType.F32, ids.length, width, hidden.flip());
        Sample.Score score = new Sample.Score(
                TokenIds.of(ids),
                TokenIds.of(vocabulary.ends(ids)),
                spelled.length,
                Map.of(ScoreTensor.HIDDEN, states));
        return new Sample(
                new Admitted("bench:" + number, new PromptText.Ids(TokenIds.of(prompt)), "", Origin.FILE, number, 0),
                TokenIds.of(ids),
                logProbs.flip(),
                ByteBuffer.allocate(0),
                0,
                PROMPT,
                Finish.LENGTH,
                ByteString.copyFrom(spelled),
                score);
    }

    /** Tokens that the student reads in a step. */
    int inputTokens() {
        return samples.size() * length;
    }

    String description() {
        String trained =
                objective.equals(SUPERVISED) ? "given" : "sampled; teacher of the student's vocabulary and width";
        return samples.size() + " x " + length + " tokens, objective " + objective + ", all but the first of each "
                + trained;
    }
}
