// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * What the teacher says about a micro-batch, found before the student runs: for each pair the student's id of the teacher's
 * prediction and that of the projected teacher. Valid until the projector or the student's head changes.
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
     * @param chunks of these pairs, in both passes
     * @param teacherIds student ids of the teacher's predictions, -1 where there is none
     * @param projectedIds predictions of the projected teacher
     * @param logits those that wait for the second pass, the teacher's and the projected teacher's of each chunk
     */
    record Block(
            PairBlock pairs, List<Chunk> chunks, TokenIds teacherIds, TokenIds projectedIds, LogitStore.Shelf logits) {

        boolean isKept(int pair) {
            return teacherIds.get(pair) >= 0;
        }

        boolean isAgreed(int pair) {
            return isKept(pair) && teacherIds.get(pair) == projectedIds.get(pair);
        }

        /** Of a chunk: student rows, teacher rows, which of these are kept, their target ids, which are compared. */
        List<Tensor> tensors(Scope out, Chunk chunk, TermWeights weights) {
            int[] kept = chosen(chunk, this::isKept);
            int[] compared = weights.isMasked() ? chosen(chunk, this::isAgreed) : kept;
            int[] targets = IntStream.of(kept)
                    .map(row -> teacherIds.get(chunk.start() + row))
                    .toArray();
            return List.of(
                    out.ints(chunk.cut(pairs.studentRows().toArray()), chunk.size()),
                    out.ints(chunk.cut(pairs.teacherRows().toArray()), chunk.size()),
                    out.ints(kept, kept.length),
                    out.ints(targets, targets.length),
                    out.ints(compared, compared.length));
        }

        /** Rows of the chunk, counted from its start. */
        private static int[] chosen(Chunk chunk, IntPredicate isChosen) {
            return IntStream.range(0, chunk.size())
                    .filter(row -> isChosen.test(chunk.start() + row))
                    .toArray();
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
