// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import reflux.learner.align.VocabularyMap;
import reflux.learner.projector.Projector;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * The loss of DSKDv2 over aligned tokens, with its gradients in closed form; LOSS.md derives it. N student rows of width d,
 * M teacher rows of width D; V and W rows of the heads.
 *
 * <p>A step has two passes. First {@link #target} for each micro-batch, which needs no student: its counts are summed to the
 * step's denominators. Then {@link #evaluate} for each, with those denominators. So the loss does not depend on how the step
 * is split, nor on the chunks in which logits are made here. The teacher's logits and the projected teacher's of the first
 * pass are kept for the second while all that wait take at most 256 MiB; else they are made again, and full logits of a
 * micro-batch never exist. Heads and projector must not change in between.
 *
 * <p>Use on one engine thread, outside of recording.
 */
public final class DualSpaceLoss implements AutoCloseable {
    private final LossSettings settings;
    private final Script script;
    private final Scope scope;
    private final RowMaps maps;
    private final LogitStore store;

    private DualSpaceLoss(Engine engine, LossSettings settings, VocabularyMap map, long mostKeptBytes) {
        this.settings = settings;
        this.script = Script.load(
                engine,
                DualSpaceLoss.class,
                "distribution.py",
                settings.divergence().resource(),
                "divergence.py",
                "product.py",
                "dual_space.py");
        this.scope = engine.scope().child();
        this.maps = new RowMaps(scope, map);
        this.store = new LogitStore(scope, mostKeptBytes);
    }

    /** Prepares the loss for one pair of vocabularies. */
    public static DualSpaceLoss load(Engine engine, LossSettings settings, VocabularyMap map) {
        return load(engine, settings, map, LogitStore.MOST_BYTES);
    }

    /** The same with another bound for the logits that wait between the passes. */
    static DualSpaceLoss load(Engine engine, LossSettings settings, VocabularyMap map, long mostKeptBytes) {
        return new DualSpaceLoss(engine, settings, map, mostKeptBytes);
    }

    /** Forgets the logits of targets that were never evaluated, because their step failed. */
    public void beginStep() {
        store.clear();
    }

    /**
     * First pass: what the teacher and the projected teacher predict in the paired rows.
     *
     * @param teacherRows_MD hidden states of any float type
     * @param goldIds of the N student rows, -1 where there is none
     */
    public Targets target(Heads heads, Projector projector, Tensor teacherRows_MD, RowPairs pairs, TokenIds goldIds) {
        List<Targets.Block> blocks = new ArrayList<>();
        boolean isKept = store.hasRoom(logitBytes(pairs, heads));
        for (PairBlock block : pairs.blocks()) {
            blocks.add(target(heads, projector, teacherRows_MD, block, isKept));
        }
        return new Targets(goldIds, blocks);
    }

    /** Of the teacher's and the projected teacher's logits of all pairs. */
    private static long logitBytes(RowPairs pairs, Heads heads) {
        long rows = pairs.blocks().stream().mapToLong(PairBlock::size).sum();
        long columns = heads.student_Vd().size(0) + heads.teacher_WD().size(0);
        return rows * columns * heads.student_Vd().type().bytes();
    }

    private Targets.Block target(
            Heads heads, Projector projector, Tensor teacherRows_MD, PairBlock block, boolean isKept) {
        int[] teacherRows = block.teacherRows().toArray();
        IntStream.Builder teacherIds = IntStream.builder();
        IntStream.Builder projectedIds = IntStream.builder();
        LogitStore.Shelf shelf = store.new Shelf();
        List<Chunk> chunks = settings.chunks(block.size(), heads, isKept);
        for (Chunk chunk : chunks) {
            try (Scope step = scope.child()) {
                List<Tensor> found = script.callAll(
                        step,
                        "predict",
                        teacherRows_MD,
                        step.ints(chunk.cut(teacherRows), chunk.size()),
                        projector.teacherToStudent().value(),
                        heads.student_Vd(),
                        heads.teacher_WD(),
                        map(block, heads));
                long[] ids = found.get(0).longs();
                for (int i = 0; i < chunk.size(); i++) {
                    teacherIds.add((int) ids[i]);
                    projectedIds.add((int) ids[chunk.size() + i]);
                }
                if (isKept) {
                    shelf.put(found.subList(1, 3));
                }
            }
        }
        return new Targets.Block(
                block,
                chunks,
                TokenIds.of(teacherIds.build().toArray()),
                TokenIds.of(projectedIds.build().toArray()),
                shelf);
    }

    /**
     * Second pass: adds this micro-batch's share of the gradient of the step's loss to the student head's and the projector's
     * gradient, and returns that for the student's rows.
     *
     * @param out owns the returned gradient
     * @param studentRows_Nd of the heads' type; a graph behind them is not followed
     * @param targets of the first pass over the same rows
     * @param denominators summed over the step
     * @throws ArithmeticException if a term is infinite or not a number; the gradients are unusable then
     */
    public Evaluation evaluate(
            Scope out,
            Heads heads,
            Projector projector,
            Tensor studentRows_Nd,
            Tensor teacherRows_MD,
            Targets targets,
            TermCounts denominators) {
        Tensor gradient_Nd = out.zeros(studentRows_Nd.type(), studentRows_Nd.shape());
        LossTerms terms =
                evaluate(heads, projector, studentRows_Nd, teacherRows_MD, targets, denominators, gradient_Nd);
        return new Evaluation(terms, gradient_Nd);
    }

    /** The same, with the gradient for the student's rows added to {@code gradient_Nd}. */
    public LossTerms evaluate(
            Heads heads,
            Projector projector,
            Tensor studentRows_Nd,
            Tensor teacherRows_MD,
            Targets targets,
            TermCounts denominators,
            Tensor gradient_Nd) {
        if (targets.goldIds().size() != studentRows_Nd.size(0)) {
            throw new IllegalArgumentException("targets are for "
                    + targets.goldIds().size() + " student rows, there are " + studentRows_Nd.size(0));
        }
        TermWeights weights = TermWeights.of(settings, denominators);
        TermSums sums = new TermSums();
        addGold(heads, studentRows_Nd, targets.goldIds().toArray(), weights, gradient_Nd, sums);
        for (Targets.Block block : targets.blocks()) {
            for (int i = 0; i < block.chunks().size(); i++) {
                try (Scope step = scope.child()) {
                    Tensor numbers = script.call(
                            step,
                            "pairs",
                            List.of(studentRows_Nd, teacherRows_MD),
                            block.tensors(step, block.chunks().get(i), weights),
                            block.logits().take(step, i),
                            map(block.pairs(), heads),
                            List.of(heads.student_Vd(), heads.teacher_WD()),
                            List.of(projector.teacherToStudent().value(), projector.studentToTeacher()),
                            List.of(
                                    gradient_Nd,
                                    heads.studentGradient_Vd(),
                                    projector.teacherToStudent().gradient()),
                            settings.temperature(),
                            settings.divergence().parameter(),
                            weights.t2sCe(),
                            weights.t2sKd(),
                            weights.s2tKd(),
                            settings.spaces().hasStudent(),
                            settings.spaces().hasTeacher());
                    sums.addPairs(numbers.doubles());
                }
            }
        }
        return sums.terms(settings, targets.counts(), weights);
    }

    private void addGold(
            Heads heads, Tensor rows_Nd, int[] goldIds, TermWeights weights, Tensor gradient_Nd, TermSums sums) {
        if (weights.ce() == 0) {
            return;
        }
        int[] rows = IntStream.range(0, goldIds.length)
                .filter(row -> goldIds[row] >= 0)
                .toArray();
        for (Chunk chunk : settings.chunks(rows.length, heads, false)) {
            try (Scope step = scope.child()) {
                int[] cut = chunk.cut(rows);
                int[] ids = IntStream.of(cut).map(row -> goldIds[row]).toArray();
                Tensor number = script.call(
                        step,
                        "gold",
                        rows_Nd,
                        step.ints(cut, cut.length),
                        step.ints(ids, ids.length),
                        heads.student_Vd(),
                        gradient_Nd,
                        heads.studentGradient_Vd(),
                        weights.ce());
                sums.addGold(number.item());
            }
        }
    }

    private Tensor map(PairBlock block, Heads heads) {
        return maps.studentIds_W(block.firstTokens(), (int) heads.teacher_WD().size(0));
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
