// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.ResponseAligner;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.loss.Heads;
import reflux.learner.objective.HeadMaths;
import reflux.learner.objective.LossBatch;
import reflux.learner.objective.LossSite;
import reflux.learner.objective.Needs;
import reflux.learner.objective.ObjectiveLoss;
import reflux.learner.objective.StudentPass;
import reflux.learner.objective.Tally;
import reflux.learner.objective.Terms;
import reflux.learner.publish.WeightSnapshot;
import reflux.learner.rollout.TeacherHead;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Parameter;
import reflux.model.decoder.TrainingPass;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.AdamW;
import reflux.model.optim.ParameterGroup;
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
    private final ResponseAligner aligner;
    private final TrainableStudent student;
    private final HeadMaths maths;
    private final LossSite site;
    private final ObjectiveLoss loss;
    private final Diagnostics diagnostics;
    private final AdamW optimiser;

    private TrainingStep(
            Engine engine,
            TrainableStudent student,
            TextTokenizer tokenizer,
            TeacherHead teacher,
            StepSettings settings) {
        this.engine = engine;
        this.settings = settings;
        this.tokenizer = tokenizer;
        this.teacherVocabulary = teacher.vocabulary();
        this.aligner = settings.alignment().between(teacher.vocabulary(), tokenizer.vocabulary());
        this.student = student;
        this.maths = new HeadMaths(engine);
        this.site = LossSite.of(
                engine,
                new Heads(student.decoder().head(), student.headGradient(), table(engine, teacher, teacher.weights())),
                maths,
                tokenizer.vocabulary(),
                teacher.vocabulary(),
                teacher.embeddings()
                        .map(stored -> new LossSite.Embeddings(
                                student.decoder().embeddings(), table(engine, teacher, stored))));
        this.loss = settings.objective().open(site);
        this.diagnostics = new Diagnostics(site);
        StepSettings.Optimiser numbers = settings.optimiser();
        this.optimiser = new AdamW(engine, groups(numbers), numbers.beta1(), numbers.beta2(), numbers.epsilon());
    }

    /** Loads a student all of whose weights are trained, see {@link #open(Engine, TrainableStudent, TextTokenizer, TeacherHead, StepSettings)}. */
    public static TrainingStep open(
            Engine engine,
            ModelDirectory directory,
            TextTokenizer tokenizer,
            TeacherHead teacher,
            StepSettings settings) {
        return open(engine, TrainableStudent.whole(engine, directory, false), tokenizer, teacher, settings);
    }

    /** Makes the objective's own parameters from both heads. Takes the student over; the tokenizer stays the caller's. */
    public static TrainingStep open(
            Engine engine,
            TrainableStudent student,
            TextTokenizer tokenizer,
            TeacherHead teacher,
            StepSettings settings) {
        return new TrainingStep(engine, student, tokenizer, teacher, settings);
    }

    /** One of the teacher's tables [V, D] in f32. */
    private static Tensor table(Engine engine, TeacherHead teacher, TeacherHead.Table stored) {
        try (Scope scope = engine.scope().child()) {
            Tensor table = scope.filled(teacher.type(), stored.reader(), teacher.rows(), teacher.width());
            return teacher.type() == DataType.F32
                    ? engine.scope().keep(table)
                    : engine.convert(engine.scope(), table, DataType.F32);
        }
    }

    /** Matrices decay; norms and biases do not. The projector has its own learning rate. */
    private List<ParameterGroup> groups(StepSettings.Optimiser numbers) {
        List<Parameter> matrices = new ArrayList<>(student.decoder().weights().parameters());
        matrices.removeIf(parameter -> parameter.value().shape().length < 2);
        List<Parameter> vectors = new ArrayList<>(student.decoder().weights().parameters());
        vectors.removeAll(matrices);
        return List.of(
                new ParameterGroup("matrices", matrices, numbers.learningRate(), numbers.weightDecay()),
                new ParameterGroup("vectors", vectors, numbers.learningRate(), 0),
                new ParameterGroup(
                        "projector", loss.parameters(), numbers.projectorLearningRate(), numbers.weightDecay()));
    }

    /**
     * Trains on a batch: the step numbered {@code step}, counted from 0.
     *
     * @throws ArithmeticException if the loss is not finite; the run cannot go on then
     */
    public StepResult train(List<Sample> batch, long step) {
        Passes passes = passes(batch, step);
        double norm = optimiser.clip(settings.maxGradNorm() > 0 ? settings.maxGradNorm() : Double.MAX_VALUE);
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException("the gradient's norm is " + norm + " in step " + step);
        }
        double factor = settings.schedule().at(step);
        optimiser.step(factor);
        List<MicroBatch> parts = passes.parts();
        return new StepResult(
                passes.terms(),
                passes.alignment(),
                norm,
                factor * settings.optimiser().learningRate(),
                parts.stream().mapToLong(MicroBatch::sampledTokens).sum(),
                parts.stream().mapToLong(MicroBatch::pairs).sum(),
                passes.fed());
    }

    /**
     * The terms of a batch as {@link #train} takes them. Its gradients are added to those of the student's weights and of the
     * objective's parameters, and left there: no step is made.
     */
    public Terms accumulate(List<Sample> batch) {
        return passes(batch, 0).terms();
    }

    /** Both passes over a step's micro-batches. */
    private record Passes(
            List<MicroBatch> parts, Terms terms, AlignmentStats alignment, List<StepResult.FedResult> fed) {}

    private Passes passes(List<Sample> batch, long step) {
        loss.beginStep(step);
        List<MicroBatch> parts = MicroBatch.split(rows(batch), settings.tokenBudget()).stream()
                .map(part -> new MicroBatch(part, tokenizer.vocabulary(), teacherVocabulary, aligner, step))
                .toList();
        List<ObjectiveLoss.Prepared> prepared = new ArrayList<>();
        Tally tally = Tally.NONE;
        for (MicroBatch part : parts) {
            prepared.add(prepare(part));
            tally = tally.plus(prepared.get(prepared.size() - 1).tally());
        }
        RowChoice choice = RowChoice.of(
                settings.diagnosticRows(),
                parts.stream().mapToLong(part -> part.studentRows().length).sum(),
                step);
        Terms terms = Terms.NONE;
        AlignmentStats alignment = AlignmentStats.NONE;
        List<StepResult.FedResult> fed = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Terms own = backward(parts.get(i), prepared.get(i), tally, choice);
            terms = terms.plus(own);
            alignment = alignment.plus(parts.get(i).alignment());
            if (parts.get(i).isFed()) {
                fed.add(fed(parts.get(i), own));
            }
        }
        long tokens = parts.stream().mapToLong(MicroBatch::sampledTokens).sum();
        terms = terms.plus(diagnostics.norms(loss.parameters()))
                .plus(Diagnostics.lengths(alignment, tokens, batch.size()));
        return new Passes(parts, terms, alignment, fed);
    }

    private List<TrainingRow> rows(List<Sample> batch) {
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
            if (settings.hasGold() && !sample.admitted().origin().isGiven() && !response.isEmpty()) {
                int endId = tokenizer.vocabulary().endId();
                int context = student.decoder().config().contextLength();
                rows.add(TrainingRow.gold(prompt, tokenizer.encode(response), endId, context));
            }
        }
        return rows;
    }

    private ObjectiveLoss.Prepared prepare(MicroBatch part) {
        try (Scope scope = engine.scope().child()) {
            return loss.prepare(part.losses(teacherRows(scope, part)));
        }
    }

    private Terms backward(MicroBatch part, ObjectiveLoss.Prepared prepared, Tally step, RowChoice choice) {
        try (Scope scope = engine.scope().child()) {
            TrainingPass forward = student.forward(scope, part.inputs(), part.studentRows(), part.step());
            LossBatch batch = part.losses(teacherRows(scope, part));
            StudentPass pass = new StudentPass(site, scope, forward.rows());
            Terms terms = prepared.evaluate(pass, batch, step);
            forward.backward(pass.gradient_Nd());
            return terms.plus(diagnostics.measure(pass, batch, choice));
        }
    }

    /** [M, D] in f32: the samples' states one after another, where the teacher sends them. */
    private Optional<Tensor> teacherRows(Scope scope, MicroBatch part) {
        if (settings.objective().needs().signal() != Needs.Signal.HIDDEN_STATES) {
            return Optional.empty();
        }
        int width = (int) site.heads().teacher_WD().size(1);
        List<ScoreTensor> states = part.samples().stream()
                .filter(sample -> sample.score().isPresent())
                .map(sample -> sample.score().tensor(ScoreTensor.HIDDEN))
                .toList();
        DataType type = states.isEmpty() ? DataType.F32 : states.get(0).type();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(part.teacherRows(), width * type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        states.forEach(each -> bytes.put(each.values().duplicate()));
        Tensor stored = scope.copyOf(type, bytes.flip(), part.teacherRows(), width);
        return Optional.of(engine.convert(scope, stored, DataType.F32));
    }

    private static StepResult.FedResult fed(MicroBatch part, Terms terms) {
        return new StepResult.FedResult(
                part.samples().get(0).id(),
                terms.value(Diagnostics.FORWARD),
                (double) part.pairs() / part.sampledTokens());
    }

    /** What generators are sent, as it is now. */
    public WeightSnapshot snapshot(long version) {
        return student.snapshot(version);
    }

    public TrainableStudent trained() {
        return student;
    }

    public Decoder student() {
        return student.decoder();
    }

    public ObjectiveLoss loss() {
        return loss;
    }

    public AdamW optimiser() {
        return optimiser;
    }

    @Override
    public void close() {
        optimiser.close();
        diagnostics.close();
        loss.close();
        maths.close();
        student.close();
    }
}
