// SPDX-License-Identifier: Apache-2.0
package reflux.learner.fixed;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.data.Example;
import reflux.learner.data.PromptFile;
import reflux.learner.fixed.FixedLossConfig.Kind;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.objective.Needs;
import reflux.learner.objective.Objective;
import reflux.learner.objective.Terms;
import reflux.learner.rollout.TeacherHead;
import reflux.learner.step.StepSettings;
import reflux.learner.step.TrainingStep;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.LearningRate;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.text.TokenIds;

/**
 * Takes all responses of a file as one step's batch, and computes its loss and gradients by the code that trains. The teacher is
 * loaded beside the student and says in f32 what its server would. Blocks.
 */
public final class FixedLoss {
    private final FixedLossConfig config;
    private final Objective objective;

    /** Throws IllegalArgumentException naming key, value and remedy for settings that cannot be. */
    public FixedLoss(FixedLossConfig config) {
        this.config = config;
        this.objective = Objective.of(config.objective());
    }

    public FixedLossReport run() {
        List<Example> lines = PromptFile.read(config.data());
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(config.data() + ": has no lines");
        }
        ModelDirectory student = ModelDirectory.open(config.student());
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("loss", config.threads()))) {
            return thread.call(engine -> run(engine, student, lines));
        }
    }

    private FixedLossReport run(Engine engine, ModelDirectory directory, List<Example> lines) {
        try (LocalModel student = LocalModel.open(engine, directory);
                Teacher teacher = Teacher.open(engine, teacherDirectory(), objective.needs())) {
            TeacherHead head = teacher.scores()
                    .map(LocalScores::head)
                    .orElseGet(() -> TeacherHead.none(student.tokenizer().vocabulary()));
            requireFitting(head, student);
            Batch batch = Batch.of(engine, student, teacher, lines, config.kind());
            try (TrainingStep step = TrainingStep.open(engine, directory, student.tokenizer(), head, settings())) {
                Terms terms = step.accumulate(batch.samples());
                return report(terms, batch, parameters(step));
            }
        }
    }

    private @Nullable Path teacherDirectory() {
        if (objective.needs().signal() == Needs.Signal.NONE) {
            return null;
        }
        if (config.teacher() == null) {
            throw new IllegalArgumentException("objective " + objective.name() + " asks a teacher, and none was named");
        }
        return config.teacher();
    }

    private void requireFitting(TeacherHead head, LocalModel student) {
        boolean isSame = head.vocabulary()
                .fingerprint()
                .equals(student.tokenizer().vocabulary().fingerprint());
        if (objective.needs().vocabularies() == Needs.Vocabularies.SAME && !isSame) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " compares the tokens of one vocabulary, but teacher and student have different tokenizers");
        }
    }

    /** Nothing is stepped, so that rates count for nothing. */
    private StepSettings settings() {
        return new StepSettings(
                objective,
                AlignmentMethod.named(config.objective().alignment()),
                new StepSettings.Optimiser(0, 0, 0, 0.9, 0.999, 1e-8),
                LearningRate.constant(0),
                0,
                config.tokenBudget(),
                0,
                false);
    }

    private static List<Parameter> parameters(TrainingStep step) {
        List<Parameter> all = new ArrayList<>(step.student().weights().parameters());
        all.addAll(step.loss().parameters());
        return all;
    }

    private FixedLossReport report(Terms terms, Batch batch, List<Parameter> parameters) {
        Map<String, Double> norms = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            norms.put(
                    parameter.name(),
                    Math.sqrt(Arrays.stream(parameter.gradient().doubles())
                            .map(value -> value * value)
                            .sum()));
        }
        if (config.gradients() != null) {
            write(config.gradients(), parameters);
        }
        double norm = Math.sqrt(
                norms.values().stream().mapToDouble(each -> each * each).sum());
        return new FixedLossReport(
                objective.name(),
                terms.loss(),
                norm,
                terms.values(),
                terms.terms(),
                norms,
                batch.tokens(),
                config.objective());
    }

    private static void write(Path file, List<Parameter> parameters) {
        Map<String, Parameter> named = new LinkedHashMap<>();
        parameters.forEach(parameter -> named.put(parameter.name(), parameter));
        List<TensorInfo> infos = parameters.stream()
                .map(parameter -> TensorInfo.of(
                        parameter.name(),
                        parameter.gradient().type(),
                        Arrays.stream(parameter.gradient().shape()).boxed().toList()))
                .toList();
        SafetensorsWriter.write(
                file, infos, name -> requireNonNull(named.get(name)).gradient().bytes(), Map.of("what", "gradients"));
    }

    /** A teacher, if there is one. */
    private record Teacher(Optional<LocalModel> model, Optional<LocalScores> scores) implements AutoCloseable {
        static Teacher open(Engine engine, @Nullable Path directory, Needs needs) {
            if (directory == null) {
                return new Teacher(Optional.empty(), Optional.empty());
            }
            LocalModel model = LocalModel.open(engine, ModelDirectory.open(directory));
            return new Teacher(Optional.of(model), Optional.of(new LocalScores(engine, model, needs)));
        }

        @Override
        public void close() {
            model.ifPresent(LocalModel::close);
        }
    }

    /** The lines as rollouts, in their order. */
    private record Batch(List<Sample> samples, List<FixedLossReport.Tokens> tokens) {
        static Batch of(Engine engine, LocalModel student, Teacher teacher, List<Example> lines, Kind kind) {
            Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
            for (Example line : lines) {
                batch.add(engine, student, teacher, line, kind);
            }
            return batch;
        }

        private void add(Engine engine, LocalModel student, Teacher teacher, Example line, Kind kind) {
            if (line.responses().isEmpty()) {
                throw new IllegalArgumentException(line.place() + ": has no response");
            }
            byte[] response = line.response().getBytes(StandardCharsets.UTF_8);
            LocalModel.Reading own = student.read(line.prompt(), response, line.place());
            Optional<LocalModel.Reading> theirs =
                    teacher.model().map(model -> model.read(line.prompt(), response, line.place()));
            Sample.Score score = teacher.scores()
                    .map(scores -> scores.score(theirs.orElseThrow()))
                    .orElse(Sample.Score.NONE);
            samples.add(new Sample(
                    admitted(line, kind),
                    own.response(),
                    kind == Kind.SAMPLED ? logProbs(engine, student, own) : ByteBuffer.allocate(0),
                    ByteBuffer.allocate(0),
                    0,
                    own.prompt().size(),
                    Finish.STOP,
                    ByteString.copyFrom(response),
                    score));
            tokens.add(new FixedLossReport.Tokens(
                    list(own.prompt()),
                    list(own.response()),
                    theirs.map(reading -> list(reading.prompt())).orElse(List.of()),
                    theirs.map(reading -> list(reading.response())).orElse(List.of())));
        }

        private Admitted admitted(Example line, Kind kind) {
            Origin origin = kind == Kind.GIVEN ? Origin.DATASET : Origin.FILE;
            String gold = kind == Kind.GIVEN ? line.response() : "";
            return new Admitted(line.place(), line.prompt(), gold, origin, samples.size(), 0);
        }

        /** ln q of the response's tokens under the student as it is: what its sampler would have told. */
        private static ByteBuffer logProbs(Engine engine, LocalModel student, LocalModel.Reading reading) {
            int count = reading.response().size();
            ByteBuffer values =
                    ByteBuffer.allocate(count * DataType.F32.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            try (Scope scope = engine.scope().child()) {
                LogProbs all = student.logProbs(scope, student.states(scope, reading));
                for (int n = 0; n < count; n++) {
                    values.putFloat((float) all.at(n, reading.response().get(n)));
                }
            }
            return values.flip();
        }

        private static List<Integer> list(TokenIds ids) {
            return Arrays.stream(ids.toArray()).boxed().toList();
        }
    }
}
