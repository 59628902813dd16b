// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.nio.ByteBuffer;
import java.util.Arrays;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** One response in the making. Confined to the engine thread, except {@link #cancel}. */
public final class Rollout {
    private static final int TOKENS_PER_RUN = 16;
    private static final long MAX_SILENCE_NANOS = 50_000_000;

    private final RolloutRequest request;
    private final RolloutListener listener;
    private final StopTexts stops;
    private final int maxTokens;
    private final long askedNanos = System.nanoTime();
    private int slot = -1;
    private int[] ids = new int[16];
    private float[] logProbs = new float[16];
    private float[] behaviourLogProbs = new float[16];
    private long[] versions = new long[16];
    private int[] ends = new int[16];
    private byte[] bytes = new byte[64];
    private int count;
    private boolean hasText;
    private int told;
    private long toldNanos = askedNanos;
    private volatile boolean isCancelled;

    Rollout(RolloutRequest request, RolloutListener listener, int maxLength) {
        this.request = request;
        this.listener = listener;
        this.stops = new StopTexts(request.rule().stop());
        this.maxTokens = Math.min(
                request.rule().maxNewTokens(), maxLength - request.prompt().size());
        if (request.prompt().size() < 1 || maxTokens < 1) {
            throw new IllegalArgumentException("prompt must have 1 to " + (maxLength - 1) + " tokens, had "
                    + request.prompt().size());
        }
    }

    /** Ends it soon, as failed with a CancellationException; without effect once it has ended. From any thread. */
    public void cancel() {
        isCancelled = true;
    }

    boolean isCancelled() {
        return isCancelled;
    }

    void fail(Throwable cause) {
        listener.failed(cause);
    }

    void enter(int freeSlot) {
        slot = freeSlot;
    }

    int slot() {
        return slot;
    }

    /** Whether its tokens are drawn from a mixture with the teacher. */
    boolean isMixed() {
        return request.rule().isMixed();
    }

    int[] prompt() {
        return request.prompt().toArray();
    }

    int promptLength() {
        return request.prompt().size();
    }

    /** What the next token is chosen by. */
    TokenChooser.Row nextRow() {
        return new TokenChooser.Row(request.rule(), request.uniform(count));
    }

    /** The newest token, to be fed to the model. */
    int lastId() {
        return ids[count - 1];
    }

    /** Where the newest token stands in the sequence. */
    int lastPosition() {
        return request.prompt().size() + count - 1;
    }

    boolean hasBegun() {
        return count > 0;
    }

    long waitedNanos() {
        return System.nanoTime() - askedNanos;
    }

    /** Takes the next token; tells the listener when it is time to. Returns whether the rollout goes on. */
    boolean accept(TokenChooser.Choice choice, long policyVersion, Vocabulary vocabulary, boolean isEnd) {
        append(choice, policyVersion, spelled(choice.id(), vocabulary));
        int stopAt = stops.find(bytes, count > 1 ? ends[count - 2] : 0, ends[count - 1]);
        if (stopAt >= 0) {
            dropTokensBeyond(stopAt);
            finish(FinishKind.STOP_TEXT, stopAt);
            return false;
        } else if (isEnd) {
            finish(FinishKind.END_TOKEN, ends[count - 1]);
            return false;
        } else if (count == maxTokens) {
            finish(FinishKind.LENGTH, ends[count - 1]);
            return false;
        }
        tellWhenDue();
        return true;
    }

    /** The token's part of the response: the first text is without the leading space that its tokenizer puts there. */
    private byte[] spelled(int id, Vocabulary vocabulary) {
        byte[] spelled = hasText ? vocabulary.bytes(id) : vocabulary.spellResponse(new int[] {id});
        hasText |= vocabulary.length(id) > 0;
        return spelled;
    }

    private void append(TokenChooser.Choice choice, long policyVersion, byte[] spelled) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
            logProbs = Arrays.copyOf(logProbs, 2 * count);
            behaviourLogProbs = Arrays.copyOf(behaviourLogProbs, 2 * count);
            versions = Arrays.copyOf(versions, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        int length = count == 0 ? 0 : ends[count - 1];
        if (length + spelled.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * (length + spelled.length));
        }
        System.arraycopy(spelled, 0, bytes, length, spelled.length);
        ids[count] = choice.id();
        logProbs[count] = choice.logProb();
        behaviourLogProbs[count] = choice.behaviourLogProb();
        versions[count] = policyVersion;
        ends[count] = length + spelled.length;
        count++;
    }

    private void dropTokensBeyond(int end) {
        while (count > 0 && ends[count - 1] > end) {
            count--;
        }
    }

    private void tellWhenDue() {
        int sure = count;
        int held = ends[count - 1] - stops.heldBack();
        while (stops.heldBack() > 0 && sure > told && ends[sure - 1] > held) {
            sure--;
        }
        if (sure - told >= TOKENS_PER_RUN || (sure > told && System.nanoTime() - toldNanos > MAX_SILENCE_NANOS)) {
            tell(sure);
        }
    }

    private void tell(int to) {
        if (to > told) {
            listener.tokens(new TokenRun(ids, logProbs, isMixed() ? behaviourLogProbs : null, versions, told, to));
            told = to;
            toldNanos = System.nanoTime();
        }
    }

    private void finish(FinishKind kind, int length) {
        tell(count);
        listener.finished(new Response(
                kind,
                request.prompt().size(),
                TokenIds.of(Arrays.copyOf(ids, count)),
                ByteBuffer.wrap(Arrays.copyOf(bytes, length))));
    }
}
