// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Sennrich's algorithm: again and again the most frequent neighbours become one piece. Counts are kept per pair with the words
 * that hold it, so a merge costs what it touches. Pairs seen less than twice are not merged.
 */
final class MergeLearner {
    private static final int UNKNOWN = -1;

    private record Candidate(long pair, long count) {}

    private final List<String> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Set<String> reserved;
    private final List<String> merges = new ArrayList<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Long> wordCounts = new ArrayList<>();
    private final Map<Long, Long> counts = new HashMap<>();
    private final Map<Long, Set<Integer>> holders = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(
            Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair));

    MergeLearner(List<String> initialPieces, List<String> reserved) {
        this.pieces = new ArrayList<>(initialPieces);
        this.reserved = Set.copyOf(reserved);
        for (int id = 0; id < pieces.size(); id++) {
            ids.put(pieces.get(id), id);
        }
    }

    /** Adds a word, spelled in one-character pieces; characters that are no pieces break it. */
    void add(String word, long count) {
        int[] symbols = word.codePoints()
                .map(c -> ids.getOrDefault(Character.toString(c), UNKNOWN))
                .toArray();
        int index = words.size();
        words.add(symbols);
        wordCounts.add(count);
        for (int i = 0; i + 1 < symbols.length; i++) {
            change(symbols[i], symbols[i + 1], count, index);
        }
    }

    /** Merges until there are {@code vocabularySize} pieces or nothing is left to merge. */
    void learn(int vocabularySize) {
        learn(vocabularySize, second -> true);
    }

    /** Merges only pairs whose second piece is let in; may be called again with another rule. */
    void learn(int vocabularySize, Predicate<String> second) {
        counts.forEach((pair, count) -> queue.add(new Candidate(pair, count)));
        while (pieces.size() < vocabularySize && !queue.isEmpty()) {
            Candidate top = queue.poll();
            long count = counts.getOrDefault(top.pair, 0L);
            if (count != top.count) {
                if (count > 0) {
                    queue.add(new Candidate(top.pair, count));
                }
            } else if (count < 2) {
                return;
            } else if (second.test(pieces.get((int) top.pair))) {
                merge(top.pair);
            }
        }
    }

    List<String> pieces() {
        return List.copyOf(pieces);
    }

    /** Merges in order of rank, each as two pieces with a space between. */
    List<String> merges() {
        return List.copyOf(merges);
    }

    private void merge(long pair) {
        int left = (int) (pair >>> 32);
        int right = (int) pair;
        String joined = pieces.get(left) + pieces.get(right);
        Set<Integer> where = holders.remove(pair);
        counts.remove(pair);
        if (where == null || reserved.contains(joined)) {
            return;
        }
        int id = ids.computeIfAbsent(joined, piece -> {
            pieces.add(piece);
            return pieces.size() - 1;
        });
        merges.add(pieces.get(left) + " " + pieces.get(right));
        Set<Long> changed = new HashSet<>();
        for (int index : where) {
            int[] merged = replace(words.get(index), left, right, id);
            recount(index, merged, changed);
            words.set(index, merged);
        }
        counts.remove(pair);
        holders.remove(pair);
        for (long touched : changed) {
            long count = counts.getOrDefault(touched, 0L);
            if (count > 0) {
                queue.add(new Candidate(touched, count));
            }
        }
    }

    private void recount(int index, int[] merged, Set<Long> changed) {
        int[] word = words.get(index);
        long count = wordCounts.get(index);
        for (int i = 0; i + 1 < word.length; i++) {
            change(word[i], word[i + 1], -count, index);
        }
        for (int i = 0; i + 1 < merged.length; i++) {
            change(merged[i], merged[i + 1], count, index);
            if (merged[i] != UNKNOWN && merged[i + 1] != UNKNOWN) {
                changed.add(pairOf(merged[i], merged[i + 1]));
            }
        }
    }

    private void change(int left, int right, long by, int index) {
        if (left == UNKNOWN || right == UNKNOWN) {
            return;
        }
        long pair = pairOf(left, right);
        long count = counts.merge(pair, by, Long::sum);
        if (count == 0) {
            counts.remove(pair);
        }
        if (by > 0) {
            holders.computeIfAbsent(pair, p -> new HashSet<>()).add(index);
        }
    }

    private static long pairOf(int left, int right) {
        return ((long) left << 32) | right;
    }

    private static int[] replace(int[] symbols, int left, int right, int id) {
        int[] replaced = new int[symbols.length];
        int size = 0;
        for (int i = 0; i < symbols.length; i++) {
            if (i + 1 < symbols.length && symbols[i] == left && symbols[i + 1] == right) {
                replaced[size++] = id;
                i++;
            } else {
                replaced[size++] = symbols[i];
            }
        }
        return java.util.Arrays.copyOf(replaced, size);
    }
}
