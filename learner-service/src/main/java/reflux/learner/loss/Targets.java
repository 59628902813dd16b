// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.Arrays;
import java.util.List;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * What the teacher says about a micro-batch, found before the student runs: for each pair the student's id of the teacher's
 * prediction and that of the projected teacher. Immutable, holds no tensors; valid until the projector or the student's head
 * changes.
 */
public final class Targets {
    private final TokenIds goldIds;
    private final List<Block> blocks;
    private final TermCounts counts;

    Targets(TokenIds goldIds, List<Block> blocks) {
        this.goldIds = goldIds;
        this.blocks = List.copyOf(blocks);
        long gold = Arrays.stream(goldIds.toArray()).filter(id -> id >= 0).count();
        this.counts = blocks.stream().map(Block::counts).reduce(new TermCounts(gold, 0, 0, 0), TermCounts::plus);
    }

    /** The denominators of this micro-batch alone. */
    public TermCounts counts() {
        return counts;
    }

    TokenIds goldIds() {
        return goldIds;
    }

    List<Block> blocks() {
        return blocks;
    }

    /**
     * Targets of a block of pairs.
     *
     * @param teacherIds student ids of the teacher's predictions, -1 where there is none
     * @param projectedIds predictions of the projected teacher
     */
    record Block(PairBlock pairs, TokenIds teacherIds, TokenIds projectedIds) {

        boolean isKept(int pair) {
            return teacherIds.get(pair) >= 0;
        }

        boolean isAgreed(int pair) {
            return isKept(pair) && teacherIds.get(pair) == projectedIds.get(pair);
        }

        /** Student rows, teacher rows, target ids, and 0 or 1 for kept and for compared, of a chunk. */
        List<Tensor> tensors(Scope out, Chunk chunk, TermWeights weights) {
            int size = chunk.size();
            float[] kept = new float[size];
            float[] compared = new float[size];
            for (int i = 0; i < size; i++) {
                int pair = chunk.start() + i;
                kept[i] = isKept(pair) ? 1 : 0;
                compared[i] = weights.isMasked() && !isAgreed(pair) ? 0 : kept[i];
            }
            return List.of(
                    out.ints(chunk.cut(pairs.studentRows().toArray()), size),
                    out.ints(chunk.cut(pairs.teacherRows().toArray()), size),
                    out.ints(chunk.cut(teacherIds.toArray()), size),
                    out.floats(kept, size),
                    out.floats(compared, size));
        }

        TermCounts counts() {
            long kept = 0;
            long agreed = 0;
            for (int i = 0; i < pairs.size(); i++) {
                kept += isKept(i) ? 1 : 0;
                agreed += isAgreed(i) ? 1 : 0;
            }
            return new TermCounts(0, pairs.size(), kept, agreed);
        }
    }
}
