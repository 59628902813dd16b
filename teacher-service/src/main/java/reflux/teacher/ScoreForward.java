// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.nio.ByteBuffer;
import java.util.List;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.teacher.AskedPayload.FullLogits;
import reflux.teacher.AskedPayload.HiddenStates;
import reflux.teacher.AskedPayload.SampledLogProb;
import reflux.teacher.AskedPayload.TopK;

/**
 * One forward pass over a batch of items, and the payloads that each asked for. Confined to the engine thread.
 *
 * <p>B items, T longest input, N response tokens of an item, D hidden size, V rows of the LM head, C rows of a chunk. Row i
 * of an item is the state at position P - 1 + i, which predicts response token i. Log-probabilities are taken in f32 over
 * all V rows at temperature 1. Logits exist for one chunk of one item at a time.
 */
final class ScoreForward {

    private static final long CHUNK_BYTES = 32L << 20;

    private final Decoder decoder;
    private final Script script;
    private final PayloadRules rules;
    private final int chunkRows;

    /** Takes the outcome of each item. */
    interface Sink {
        void done(int item, Score score);

        void failed(int item, RuntimeException cause);
    }

    /** One item's rows on the device and its answer's memory. */
    private record Rows(ScoreKey key, Tensor hidden_ND, List<ByteBuffer> answer) {}

    ScoreForward(Decoder decoder, Script script, PayloadRules rules) {
        this.decoder = decoder;
        this.script = script;
        this.rules = rules;
        this.chunkRows = (int) Math.max(1, CHUNK_BYTES / (4L * rules.headRows()));
    }

    /** Computes all items; an item whose own numbers are bad fails alone, anything else fails the call. */
    void run(Engine engine, List<ScoreKey> keys, Sink sink) {
        try (Scope scope = engine.scope().child()) {
            TokenBatch batch =
                    TokenBatch.of(keys.stream().map(ScoreForward::input).toList());
            Tensor hidden_BTD = decoder.hidden(scope, batch);
            Tensor hidden_ND = decoder.rows(scope, hidden_BTD, rows(keys, batch.width()));
            int start = 0;
            for (int item = 0; item < keys.size(); item++) {
                ScoreKey key = keys.get(item);
                try (Scope own = scope.child()) {
                    Tensor mine_ND = script.call(own, "part", hidden_ND, start, key.responseTokens());
                    sink.done(item, score(engine, own, new Rows(key, mine_ND, memory(key))));
                } catch (ArithmeticException | IllegalArgumentException e) {
                    sink.failed(item, e);
                }
                start += key.responseTokens();
            }
        }
    }

    private static int[] input(ScoreKey key) {
        int[] tokens = key.tokens().toArray();
        return java.util.Arrays.copyOf(tokens, key.inputTokens());
    }

    private static int[] rows(List<ScoreKey> keys, int width) {
        int[] flat = new int[keys.stream().mapToInt(ScoreKey::responseTokens).sum()];
        int next = 0;
        for (int item = 0; item < keys.size(); item++) {
            int first = item * width + keys.get(item).promptTokens() - 1;
            for (int i = 0; i < keys.get(item).responseTokens(); i++) {
                flat[next++] = first + i;
            }
        }
        return flat;
    }

    private List<ByteBuffer> memory(ScoreKey key) {
        return rules.layout(key.asked(), key.responseTokens()).stream()
                .map(header -> ByteBuffer.allocate(Math.toIntExact(header.getBytes())))
                .toList();
    }

    private Score score(Engine engine, Scope own, Rows rows) {
        requireFinite(own, rows.hidden_ND());
        boolean needsLogits = false;
        int tensor = 0;
        for (AskedPayload asked : rows.key().asked()) {
            if (asked instanceof HiddenStates hidden) {
                put(
                        rounded(engine, own, rows.hidden_ND(), hidden.type()),
                        rows.answer().get(tensor));
            } else {
                needsLogits = true;
            }
            tensor += asked.tensors(1, 1, 1).size();
        }
        if (needsLogits) {
            fromLogits(engine, own, rows);
        }
        rows.answer().forEach(ByteBuffer::flip);
        return new Score(rows.answer());
    }

    private void fromLogits(Engine engine, Scope own, Rows rows) {
        int count = rows.key().responseTokens();
        for (int from = 0; from < count; from += chunkRows) {
            int chunk = Math.min(chunkRows, count - from);
            try (Scope scope = own.child()) {
                Tensor hidden_CD = script.call(scope, "part", rows.hidden_ND(), from, chunk);
                Tensor logits_CV = decoder.logits(scope, hidden_CD);
                int tensor = 0;
                for (AskedPayload asked : rows.key().asked()) {
                    int tensors = asked.tensors(1, 1, 1).size();
                    List<ByteBuffer> answer = rows.answer().subList(tensor, tensor + tensors);
                    putChunk(engine, scope, asked, logits_CV, ids(rows.key(), from, chunk), answer);
                    tensor += tensors;
                }
            }
        }
    }

    private void putChunk(
            Engine engine, Scope scope, AskedPayload asked, Tensor logits_CV, int[] ids_C, List<ByteBuffer> answer) {
        if (asked instanceof SampledLogProb) {
            Tensor ids = scope.ints(ids_C, ids_C.length);
            put(script.call(scope, "sampled", logits_CV, ids, rules.vocabulary()), answer.get(0));
        } else if (asked instanceof TopK top) {
            List<Tensor> tensors = script.callAll(scope, "top_k", logits_CV, rules.vocabulary(), top.k());
            for (int i = 0; i < tensors.size(); i++) {
                put(tensors.get(i), answer.get(i));
            }
        } else if (asked instanceof FullLogits full) {
            put(rounded(engine, scope, logits_CV, full.type()), answer.get(0));
        }
    }

    private static int[] ids(ScoreKey key, int from, int count) {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = key.tokens().get(key.promptTokens() + from + i);
        }
        return ids;
    }

    private Tensor rounded(Engine engine, Scope out, Tensor x, reflux.v1.DataType type) {
        DataType wanted = WireTypes.toModel(type);
        if (x.type() == wanted) {
            return x;
        }
        Tensor rounded = engine.convert(out, x, wanted);
        if (wanted == DataType.F16 && !isFinite(out, rounded)) {
            throw new IllegalArgumentException("values of this item are beyond the range of F16: ask for BF16 or F32");
        }
        return rounded;
    }

    private void requireFinite(Scope scope, Tensor hidden_ND) {
        if (!isFinite(scope, hidden_ND)) {
            throw new ArithmeticException("the model's hidden states are not finite for this item");
        }
    }

    private boolean isFinite(Scope scope, Tensor x_ND) {
        ByteBuffer finite_N = script.call(scope, "finite", x_ND).bytes();
        while (finite_N.hasRemaining()) {
            if (finite_N.get() == 0) {
                return false;
            }
        }
        return true;
    }

    private static void put(Tensor from, ByteBuffer to) {
        to.put(from.bytes());
    }
}
