// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.VocabularyMap;
import reflux.learner.ledger.Sample;
import reflux.learner.loss.DualSpaceLoss;
import reflux.learner.loss.Evaluation;
import reflux.learner.loss.Heads;
import reflux.learner.loss.LossTerms;
import reflux.learner.loss.Targets;
import reflux.learner.loss.TermCounts;
import reflux.learner.projector.Projector;
import reflux.learner.publish.WeightSnapshot;
import reflux.learner.rollout.TeacherHead;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.AdamW;
import reflux.model.optim.ParameterGroup;
import reflux.model.safetensors.TensorInfo;
import reflux.model.text.TextTokenizer;
import reflux.model.text.Vocabulary;

/**
 * The student under training: weights, projector and optimiser, and what a step does to them. A step has two passes over its
 * micro-batches: first the counts that the loss terms are divided by, then the gradients; so splitting changes nothing.
 * Confined to its engine thread.
 */
public final class TrainingStep implements AutoCloseable {
    private final Engine engine;
    private final StepSettings settings;
    private final TextTokenizer tokenizer;
    private final Vocabulary teacherVocabulary;
    private final Decoder student;
    private final Heads heads;
    private final Projector projector;
    private final DualSpaceLoss loss;
    private final AdamW optimiser;

    private TrainingStep(
            Engine engine,
            ModelDirectory directory,
            TextTokenizer tokenizer,
            TeacherHead teacher,
            StepSettings settings) {
        this.engine = engine;
        this.settings = settings;
        this.tokenizer = tokenizer;
        this.teacherVocabulary = teacher.vocabulary();
        this.student = Decoder.loadTrainable(engine, directory);
        this.heads = new Heads(student.head(), student.headParameter().gradient(), teacherHead(engine, teacher));
        VocabularyMap map = VocabularyMap.between(teacher.vocabulary(), tokenizer.vocabulary());
        this.projector =
                Projector.initialise(engine, heads.student_Vd(), heads.teacher_WD(), map, settings.projector());
        this.loss = DualSpaceLoss.load(engine, settings.loss(), map);
        StepSettings.Optimiser numbers = settings.optimiser();
        this.optimiser = new AdamW(engine, groups(numbers), numbers.beta1(), numbers.beta2(), numbers.epsilon());
    }

    /** Loads the student, and makes the projector from both heads. The tokenizer stays the caller's. */
    public static TrainingStep open(
            Engine engine,
            ModelDirectory directory,
            TextTokenizer tokenizer,
            TeacherHead teacher,
            StepSettings settings) {
        return new TrainingStep(engine, directory, tokenizer, teacher, settings);
    }

    private static Tensor teacherHead(Engine engine, TeacherHead teacher) {
        try (Scope scope = engine.scope().child()) {
            Tensor stored = scope.copyOf(teacher.type(), teacher.weights(), teacher.rows(), teacher.width());
            return engine.convert(engine.scope(), stored, DataType.F32);
        }
    }

    /** Matrices decay; norms and biases do not. The projector has its own learning rate. */
    private List<ParameterGroup> groups(StepSettings.Optimiser numbers) {
        List<Parameter> matrices = new ArrayList<>(student.weights().parameters());
        matrices.removeIf(parameter -> parameter.value().shape().length < 2);
        List<Parameter> vectors = new ArrayList<>(student.weights().parameters());
        vectors.removeAll(matrices);
        return List.of(
                new ParameterGroup("matrices", matrices, numbers.learningRate(), numbers.weightDecay()),
                new ParameterGroup("vectors", vectors, numbers.learningRate(), 0),
                new ParameterGroup(
                        "projector",
                        List.of(projector.teacherToStudent()),
                        numbers.projectorLearningRate(),
                        numbers.weightDecay()));
    }

    /**
     * Trains on a batch: the step numbered {@code step}, counted from 0.
     *
     * @throws ArithmeticException if the loss is not finite; the run cannot go on then
     */
    public StepResult train(List<Sample> batch, long step) {
        projector.refreshIfDue(step, heads.student_Vd());
        List<MicroBatch> parts = MicroBatch.split(rows(batch), settings.tokenBudget()).stream()
                .map(part -> new MicroBatch(part, tokenizer.vocabulary(), teacherVocabulary))
                .toList();
        List<Targets> targets = new ArrayList<>();
        for (MicroBatch part : parts) {
            targets.add(target(part));
        }
        TermCounts denominators = targets.stream().map(Targets::counts).reduce(TermCounts.NONE, TermCounts::plus);
        LossTerms terms = LossTerms.NONE;
        AlignmentStats alignment = AlignmentStats.NONE;
        List<StepResult.FedResult> fed = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            LossTerms own = backward(parts.get(i), targets.get(i), denominators);
            terms = terms.plus(own);
            alignment = alignment.plus(parts.get(i).alignment());
            if (parts.get(i).isFed()) {
                fed.add(fed(parts.get(i), own));
            }
        }
        double norm = optimiser.clip(settings.maxGradNorm() > 0 ? settings.maxGradNorm() : Double.MAX_VALUE);
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException("the gradient's norm is " + norm + " in step " + step);
        }
        double factor = settings.schedule().at(step);
        optimiser.step(factor);
        return new StepResult(
                terms,
                alignment,
                terms.loss(settings.loss().kdRatio()),
                norm,
                factor * settings.optimiser().learningRate(),
                parts.stream().mapToLong(MicroBatch::sampledTokens).sum(),
                fed);
    }

    private List<TrainingRow> rows(List<Sample> batch) {
        boolean hasGold = settings.loss().kdRatio() < 1;
        List<TrainingRow> rows = new ArrayList<>();
        for (Sample sample : batch) {
            int[] prompt = tokenizer.encodePrompt(sample.admitted().prompt());
            if (sample.promptTokens() != prompt.length) {
                throw new IllegalStateException(
                        "the generator counts " + sample.promptTokens() + " prompt tokens in " + sample.id()
                                + ", the learner " + prompt.length + ": their tokenizers or chat templates differ");
            }
            rows.add(TrainingRow.sampled(prompt, sample));
            String response = sample.admitted().response();
            if (hasGold && !response.isEmpty()) {
                int endId = tokenizer.vocabulary().endId();
                int context = student.config().contextLength();
                rows.add(TrainingRow.gold(prompt, tokenizer.encode(response), endId, context));
            }
        }
        return rows;
    }

    private Targets target(MicroBatch part) {
        try (Scope scope = engine.scope().child()) {
            return loss.target(heads, projector, teacherRows(scope, part), part.pairs(), part.goldIds());
        }
    }

    private LossTerms backward(MicroBatch part, Targets targets, TermCounts denominators) {
        try (Scope scope = engine.scope().child()) {
            Tensor rows_Nd = engine.recording(() -> {
                Tensor hidden_BTd = student.hiddenForTraining(scope, part.inputs());
                return student.rows(scope, hidden_BTd, part.studentRows());
            });
            Evaluation evaluation =
                    loss.evaluate(scope, heads, projector, rows_Nd, teacherRows(scope, part), targets, denominators);
            engine.backward(rows_Nd, evaluation.studentGradient_Nd());
            return evaluation.terms();
        }
    }

    /** [M, D] in f32: the samples' states one after another. */
    private Tensor teacherRows(Scope scope, MicroBatch part) {
        int width = (int) heads.teacher_WD().size(1);
        DataType type = part.samples().isEmpty()
                ? DataType.F32
                : part.samples().get(0).score().type();
        ByteBuffer states = ByteBuffer.allocate(Math.multiplyExact(part.teacherRows(), width * type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        part.samples().forEach(sample -> states.put(sample.score().hidden().duplicate()));
        Tensor stored = scope.copyOf(type, states.flip(), part.teacherRows(), width);
        return engine.convert(scope, stored, DataType.F32);
    }

    private static StepResult.FedResult fed(MicroBatch part, LossTerms terms) {
        return new StepResult.FedResult(
                part.samples().get(0).id(),
                terms.forwardKl().value(),
                (double) terms.counts().pairs() / part.sampledTokens());
    }

    /** The weights as they are now, copied to the host. */
    public WeightSnapshot snapshot(long version) {
        List<TensorInfo> infos = student.weights().infos();
        List<ByteBuffer> copies = infos.stream()
                .map(info -> {
                    ByteBuffer bytes = student.weights().bytes(info.name());
                    return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                })
                .toList();
        return new WeightSnapshot(version, infos, copies);
    }

    public Decoder student() {
        return student;
    }

    public Projector projector() {
        return projector;
    }

    public AdamW optimiser() {
        return optimiser;
    }

    @Override
    public void close() {
        optimiser.close();
        loss.close();
        projector.close();
        student.close();
    }
}
