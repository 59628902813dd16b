// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import reflux.learner.align.Alignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.TokenPair;
import reflux.model.text.TokenIds;

/**
 * Which rows of the teacher's states [M, D] and of the student's [N, d] predict the same token, over all samples of a
 * micro-batch. Each student row is in at most one pair. Immutable.
 */
public final class RowPairs {
    private final List<PairBlock> blocks;

    private RowPairs(List<PairBlock> blocks) {
        this.blocks = blocks;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Row i with row i, for i in 0 to {@code rows - 1}: teacher and student have the same tokenizer. */
    public static RowPairs identity(int rows) {
        return builder().addSameTokens(rows, 0, 0).build();
    }

    /** The pairs, those that are mapped alike together. */
    public List<PairBlock> blocks() {
        return blocks;
    }

    /** The teacher's row of each pair. */
    public int[] teacherRows() {
        return blocks.stream()
                .flatMapToInt(block -> Arrays.stream(block.teacherRows().toArray()))
                .toArray();
    }

    /** The student's row of each pair, in the same order. */
    public int[] studentRows() {
        return blocks.stream()
                .flatMapToInt(block -> Arrays.stream(block.studentRows().toArray()))
                .toArray();
    }

    /** Pairs in all. */
    public int size() {
        return blocks.stream().mapToInt(PairBlock::size).sum();
    }

    /** Collects the pairs of samples. */
    public static final class Builder {
        private final Map<FirstTokens, Block> blocks = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds the exact pairs and the end pairs of a sample.
         *
         * @param teacherRow the row that predicts the first of the teacher's response tokens
         * @param studentRow the row that predicts the first of the student's
         */
        public Builder add(Alignment alignment, int teacherRow, int studentRow) {
            for (TokenPair pair : alignment.exactPairs()) {
                boolean isFirst = pair.teacher() == 0 && pair.student() == 0;
                FirstTokens kind = isFirst ? alignment.firstTokens() : FirstTokens.PLAIN;
                add(kind, teacherRow + pair.teacher(), studentRow + pair.student());
            }
            for (TokenPair pair : alignment.endPairs()) {
                add(FirstTokens.PLAIN, teacherRow + pair.teacher(), studentRow + pair.student());
            }
            return this;
        }

        /** Adds a sample whose tokens are the same on both sides. */
        public Builder addSameTokens(int tokens, int teacherRow, int studentRow) {
            for (int i = 0; i < tokens; i++) {
                add(FirstTokens.PLAIN, teacherRow + i, studentRow + i);
            }
            return this;
        }

        void add(FirstTokens kind, int teacherRow, int studentRow) {
            Block block = blocks.computeIfAbsent(kind, key -> new Block(IntStream.builder(), IntStream.builder()));
            block.teacherRows().add(teacherRow);
            block.studentRows().add(studentRow);
        }

        /** The pairs; use the builder once. */
        public RowPairs build() {
            List<PairBlock> built = new ArrayList<>();
            blocks.forEach((kind, block) ->
                    built.add(new PairBlock(kind, ids(block.teacherRows()), ids(block.studentRows()))));
            return new RowPairs(List.copyOf(built));
        }

        private static TokenIds ids(IntStream.Builder rows) {
            return TokenIds.of(rows.build().toArray());
        }

        /** Rows of one kind, so far. */
        private record Block(IntStream.Builder teacherRows, IntStream.Builder studentRows) {}
    }
}
