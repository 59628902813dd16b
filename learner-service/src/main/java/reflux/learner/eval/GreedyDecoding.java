// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.KvCache;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * The most likely token at every step, until an end token or {@code maxNewTokens}. Prompts of similar length share a
 * batch; a sequence that has ended leaves it. Confined to the engine thread.
 */
final class GreedyDecoding {
    private final Engine engine;
    private final Decoder decoder;
    private final TextTokenizer tokenizer;
    private final Vocabulary vocabulary;
    private final int maxNewTokens;
    private final int batchSize;

    GreedyDecoding(Engine engine, Decoder decoder, TextTokenizer tokenizer, int maxNewTokens, int batchSize) {
        this.engine = engine;
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.vocabulary = tokenizer.vocabulary();
        this.maxNewTokens = maxNewTokens;
        this.batchSize = batchSize;
    }

    /** Responses in the order of the prompts. */
    List<Decoded> decode(List<int[]> prompts) {
        Decoded[] responses = new Decoded[prompts.size()];
        List<Integer> order = IntStream.range(0, prompts.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                .toList();
        for (int start = 0; start < order.size(); start += batchSize) {
            List<Integer> group = order.subList(start, Math.min(order.size(), start + batchSize));
            decodeGroup(group.stream().map(prompts::get).toList(), group, responses);
        }
        return List.of(responses);
    }

    private void decodeGroup(List<int[]> prompts, List<Integer> places, Decoded[] responses) {
        int longest = prompts.get(prompts.size() - 1).length;
        int positions = Math.min(decoder.config().contextLength(), longest + maxNewTokens);
        try (Scope scope = engine.scope().child();
                KvCache cache = decoder.cache(scope, prompts.size(), positions)) {
            List<Sequence> live = new ArrayList<>();
            for (int slot = 0; slot < prompts.size(); slot++) {
                live.add(new Sequence(slot, places.get(slot), prompts.get(slot).length));
            }
            try (Scope step = scope.child()) {
                int[] slots = IntStream.range(0, prompts.size()).toArray();
                take(decoder.prefill(step, cache, slots, TokenBatch.of(prompts)), live);
            }
            live = stillLive(live, positions, responses);
            while (!live.isEmpty()) {
                try (Scope step = scope.child()) {
                    int[] slots = live.stream().mapToInt(s -> s.slot).toArray();
                    int[] at = live.stream().mapToInt(s -> s.position - 1).toArray();
                    int[] ids = live.stream().mapToInt(s -> s.last).toArray();
                    take(decoder.step(step, cache, slots, at, ids), live);
                }
                live = stillLive(live, positions, responses);
            }
        }
    }

    /** Rows of the head beyond the tokenizer's ids are never chosen. */
    private void take(Tensor logits_BV, List<Sequence> live) {
        float[] logits = logits_BV.floats();
        int width = Math.toIntExact(logits_BV.size(1));
        int ids = Math.min(width, vocabulary.size());
        for (int row = 0; row < live.size(); row++) {
            int best = 0;
            for (int v = 1; v < ids; v++) {
                if (logits[row * width + v] > logits[row * width + best]) {
                    best = v;
                }
            }
            live.get(row).append(best);
        }
    }

    private List<Sequence> stillLive(List<Sequence> live, int positions, Decoded[] responses) {
        List<Sequence> left = new ArrayList<>();
        for (Sequence sequence : live) {
            boolean ended = vocabulary.kind(sequence.last) == TokenKind.END;
            if (ended || sequence.count == maxNewTokens || sequence.position > positions - 1) {
                responses[sequence.place] = new Decoded(TokenIds.of(sequence.ids()), text(sequence.ids()));
            } else {
                left.add(sequence);
            }
        }
        return left;
    }

    private String text(int[] ids) {
        return tokenizer.decode(Arrays.stream(ids)
                .filter(id -> vocabulary.kind(id) == TokenKind.TEXT)
                .toArray());
    }

    /** A response: its ids, the end token that closed it among them, and its text. */
    record Decoded(TokenIds ids, String text) {}

    /** One prompt under way; {@code position} is the number of its tokens, the last of them not yet in the cache. */
    private static final class Sequence {
        private final int slot;
        private final int place;
        private int position;
        private int[] ids = new int[16];
        private int count;
        private int last;

        Sequence(int slot, int place, int promptTokens) {
            this.slot = slot;
            this.place = place;
            this.position = promptTokens;
        }

        void append(int id) {
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, 2 * count);
            }
            ids[count++] = id;
            last = id;
            position++;
        }

        int[] ids() {
            return Arrays.copyOf(ids, count);
        }
    }
}
