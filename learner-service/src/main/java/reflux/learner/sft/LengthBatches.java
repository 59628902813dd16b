// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Cuts an epoch into batches of similar length. Examples are shuffled, sorted by length within pools of many batches, cut
 * so that rows × longest stays within the budget, and the batches are shuffled again. The same seed and epoch give the
 * same batches.
 */
final class LengthBatches {
    private static final int POOL_BATCHES = 64;

    private final List<SftExample> examples;
    private final int tokenBudget;
    private final long seed;

    LengthBatches(List<SftExample> examples, int tokenBudget, long seed) {
        this.examples = List.copyOf(examples);
        this.tokenBudget = tokenBudget;
        this.seed = seed;
    }

    List<List<SftExample>> epoch(int number) {
        Random random = new Random(seed * 1_000_003L + number);
        List<SftExample> order = new ArrayList<>(examples);
        Collections.shuffle(order, random);
        List<List<SftExample>> batches = new ArrayList<>();
        int start = 0;
        while (start < order.size()) {
            int end = poolEnd(order, start);
            List<SftExample> pool = new ArrayList<>(order.subList(start, end));
            pool.sort(Comparator.comparingInt(SftExample::length));
            cut(pool, batches);
            start = end;
        }
        Collections.shuffle(batches, random);
        return batches;
    }

    private int poolEnd(List<SftExample> order, int start) {
        long left = (long) tokenBudget * POOL_BATCHES;
        int end = start;
        while (end < order.size() && left > 0) {
            left -= order.get(end++).length();
        }
        return end;
    }

    private void cut(List<SftExample> sorted, List<List<SftExample>> batches) {
        List<SftExample> batch = new ArrayList<>();
        for (SftExample example : sorted) {
            if (!batch.isEmpty() && (long) (batch.size() + 1) * example.length() > tokenBudget) {
                batches.add(List.copyOf(batch));
                batch.clear();
            }
            batch.add(example);
        }
        if (!batch.isEmpty()) {
            batches.add(List.copyOf(batch));
        }
    }
}
