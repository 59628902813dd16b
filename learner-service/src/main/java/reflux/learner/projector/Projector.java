// SPDX-License-Identifier: Apache-2.0
package reflux.learner.projector;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import reflux.learner.align.VocabularyMap;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * The two maps between hidden spaces. Shapes: d student width, D teacher width, V and W rows of the student's and the
 * teacher's head, K shared tokens. With A [D, K] and B [d, K] the heads' rows of the shared tokens as columns,
 *
 * <pre>  W_t2s = A B⁺ = C (B Bᵀ)⁺ [D, d],   W_s2t = B A⁺ = Cᵀ (A Aᵀ)⁺ [d, D],   C = A Bᵀ</pre>
 *
 * so that logits are kept as well as possible: {@code h W_t2s B ≈ h A}. Gram matrices and eigenvalues are in f64 (their
 * condition is the heads' squared), and no matrix as long as the vocabulary is made.
 *
 * <p>W_t2s is trained. W_s2t follows the student's current head by {@link #refresh}, no gradient goes through it; the
 * teacher's part (A Aᵀ)⁺ is computed once, and Aᵀ (A Aᵀ)⁺ [K, D] where that takes at most 256 MiB: a refresh is then one product in
 * the heads' type, which is several times faster than f64. Use on one engine thread.
 */
public final class Projector implements AutoCloseable {
    private static final String T2S = "projector.t2s";
    private static final String S2T = "projector.s2t";
    private static final long MOST_PULLED = 1L << 26; // 256 MiB in f32

    private final Engine engine;
    private final Script script;
    private final Scope scope;
    private final ProjectorSettings settings;
    private final Tensor studentIds;
    private final Tensor teacherIds;
    private final Tensor teacherHead_WD;
    private final Tensor teacherInverse_DD;
    private final Tensor pull_KD;
    private final Tensor s2t_dD;
    private final Parameter t2s_Dd;
    private final ProjectorReport report;

    private Projector(
            Engine engine,
            Tensor studentHead_Vd,
            Tensor teacherHead_WD,
            VocabularyMap map,
            ProjectorSettings settings) {
        this.engine = engine;
        this.script = Script.load(engine, Projector.class, "projector.py");
        this.scope = engine.scope().child();
        this.settings = settings;
        this.teacherHead_WD = teacherHead_WD;
        int columns = columns(map, settings);
        this.studentIds = scope.ints(Arrays.copyOf(map.overlapStudent().toArray(), columns), columns);
        this.teacherIds = scope.ints(Arrays.copyOf(map.overlapTeacher().toArray(), columns), columns);
        double cut = Math.pow(settings.tolerance(columns), 2);
        try (Scope step = scope.child()) {
            List<Tensor> made =
                    script.callAll(step, "initialise", studentHead_Vd, teacherHead_WD, studentIds, teacherIds, cut);
            this.t2s_Dd = new Parameter(T2S, scope.keep(made.get(0)), scope.keep(made.get(1)));
            this.s2t_dD = scope.keep(made.get(2));
            this.teacherInverse_DD = scope.keep(made.get(3));
            this.pull_KD = (long) columns * teacherHead_WD.size(1) <= MOST_PULLED
                    ? script.call(scope, "pull", teacherHead_WD, teacherIds, teacherInverse_DD)
                    : scope.empty(teacherHead_WD.type(), 0);
            double[] numbers = made.get(4).doubles();
            this.report = new ProjectorReport(
                    columns,
                    (int) studentHead_Vd.size(1),
                    (int) numbers[0],
                    (int) teacherHead_WD.size(1),
                    (int) numbers[1],
                    numbers[2]);
        }
    }

    /**
     * Makes both maps from the heads.
     *
     * @param studentHead_Vd [V, d], f32 (f64 in tests); the maps take its type
     * @param teacherHead_WD [W, D]; must stay open as long as the projector
     * @param map which tokens are shared; each must have a row in both heads
     * @throws IllegalArgumentException if no token is shared or a shared id has no row
     */
    public static Projector initialise(
            Engine engine,
            Tensor studentHead_Vd,
            Tensor teacherHead_WD,
            VocabularyMap map,
            ProjectorSettings settings) {
        requireRows("student", map.overlapStudent().toArray(), studentHead_Vd);
        requireRows("teacher", map.overlapTeacher().toArray(), teacherHead_WD);
        return new Projector(engine, studentHead_Vd, teacherHead_WD, map, settings);
    }

    private static void requireRows(String side, int[] ids, Tensor head) {
        int largest = Arrays.stream(ids)
                .max()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the vocabularies of teacher and student share no token, so no projector can be made"));
        if (largest >= head.size(0)) {
            throw new IllegalArgumentException(
                    "the " + side + "'s LM head has " + head.size(0) + " rows, its vocabulary uses id " + largest);
        }
    }

    private static int columns(VocabularyMap map, ProjectorSettings settings) {
        int shared = map.overlapStudent().size();
        return settings.topVocabulary() < 0 ? shared : Math.min(shared, settings.topVocabulary());
    }

    /** W_t2s [D, d]: teacher states times this are student states. Add to its gradient, and let an optimiser step it. */
    public Parameter teacherToStudent() {
        return t2s_Dd;
    }

    /** W_s2t [d, D] as of the last refresh; do not close. */
    public Tensor studentToTeacher() {
        return s2t_dD;
    }

    /** What became of the initialisation. */
    public ProjectorReport report() {
        return report;
    }

    /** Recomputes W_s2t from the student's current head if {@code step} is a multiple of the refresh interval. */
    public void refreshIfDue(long step, Tensor studentHead_Vd) {
        if (step % settings.refreshSteps() == 0) {
            refresh(studentHead_Vd);
        }
    }

    /** Recomputes W_s2t from the student's current head [V, d], in place. */
    public void refresh(Tensor studentHead_Vd) {
        script.run(
                "refresh", studentHead_Vd, teacherHead_WD, studentIds, teacherIds, teacherInverse_DD, pull_KD, s2t_dD);
    }

    /** The tensors of a checkpoint. Both maps: between two refreshes W_s2t belongs to an older head. */
    public List<TensorInfo> infos() {
        return List.of(info(T2S, t2s_Dd.value()), info(S2T, s2t_dD));
    }

    /** Bytes of one of {@link #infos}, valid while the projector is open. */
    public ByteBuffer bytes(String name) {
        return tensor(name).bytes();
    }

    /**
     * Takes both maps from a checkpoint.
     *
     * @throws IllegalArgumentException if one is missing or has another type or shape; nothing is changed then
     */
    public void restore(TensorSource source) {
        for (TensorInfo own : infos()) {
            if (!source.has(own.name()) || !source.info(own.name()).equals(own)) {
                throw new IllegalArgumentException("checkpoint must have " + own + ", has "
                        + (source.has(own.name()) ? source.info(own.name()) : "no such tensor"));
            }
        }
        try (Scope step = scope.child()) {
            for (TensorInfo own : infos()) {
                Tensor target = tensor(own.name());
                engine.copy(step.copyOf(own.type(), source.bytes(own.name()), target.shape()), target);
            }
        }
    }

    private Tensor tensor(String name) {
        return switch (name) {
            case T2S -> t2s_Dd.value();
            case S2T -> s2t_dD;
            default -> throw new IllegalArgumentException("the projector has no tensor " + name);
        };
    }

    private static TensorInfo info(String name, Tensor tensor) {
        DataType type = tensor.type();
        List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
        return new TensorInfo(name, type, shape, tensor.count() * type.bytes());
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
