// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.RolloutRequest;

/**
 * The prompts of the training files, shuffled anew in each epoch by the run's seed, without end.
 *
 * <p>Ids are {@code e<epoch>-<line>}, the line counted over all files from 0; with several generations {@code /<n>} follows.
 */
public final class FilePrompts implements PromptSource {
    private final List<Example> examples;
    private final long seed;
    private final int generations;
    private int[] order;
    private Cursor cursor;

    public FilePrompts(List<Example> examples, long seed, int generations, Cursor cursor) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no prompts to sample; name files with some in train_data");
        }
        if (cursor.position() >= examples.size() || cursor.generation() >= generations) {
            throw new IllegalArgumentException(
                    "cursor " + cursor + " is not within " + examples.size() + " prompts with " + generations
                            + " generations; resume with the data and num_generations the run was started with");
        }
        this.examples = List.copyOf(examples);
        this.seed = seed;
        this.generations = generations;
        this.cursor = cursor;
        this.order = shuffled(cursor.epoch());
    }

    @Override
    public Optional<RolloutRequest> next() {
        int line = order[cursor.position()];
        Example example = examples.get(line);
        String id = String.format("e%d-%08d", cursor.epoch(), line);
        if (generations > 1) {
            id += "/" + cursor.generation();
        }
        advance();
        return Optional.of(new RolloutRequest(id, example.prompt(), example.response(), Origin.FILE));
    }

    public Cursor cursor() {
        return cursor;
    }

    private void advance() {
        if (cursor.generation() + 1 < generations) {
            cursor = new Cursor(cursor.epoch(), cursor.position(), cursor.generation() + 1);
        } else if (cursor.position() + 1 < order.length) {
            cursor = new Cursor(cursor.epoch(), cursor.position() + 1, 0);
        } else {
            cursor = new Cursor(cursor.epoch() + 1, 0, 0);
            order = shuffled(cursor.epoch());
        }
    }

    private int[] shuffled(int epoch) {
        int[] lines = new int[examples.size()];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = i;
        }
        SplittableRandom random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + epoch);
        for (int i = lines.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int line = lines[i];
            lines[i] = lines[other];
            lines[other] = line;
        }
        return lines;
    }
}
