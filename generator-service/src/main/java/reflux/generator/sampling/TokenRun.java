// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import reflux.model.text.TokenIds;

/** Some tokens of a rollout that follow one another, each with its policy version and, if it was sampled, its log-probability. Immutable. */
public final class TokenRun {
    private static final float[] NONE = {};

    private final int index;
    private final int[] ids;
    private final float[] logProbs;
    private final float[] behaviourLogProbs;
    private final long[] versions;

    /** @param behaviourLogProbs of a rollout that is mixed with a teacher, else null */
    TokenRun(int[] ids, float[] logProbs, float @Nullable [] behaviourLogProbs, long[] versions, int from, int to) {
        this.index = from;
        this.ids = Arrays.copyOfRange(ids, from, to);
        this.logProbs = Arrays.copyOfRange(logProbs, from, to);
        this.behaviourLogProbs = behaviourLogProbs == null ? NONE : Arrays.copyOfRange(behaviourLogProbs, from, to);
        this.versions = Arrays.copyOfRange(versions, from, to);
    }

    private TokenRun(int index, int[] ids, long[] versions) {
        this.index = index;
        this.ids = ids;
        this.logProbs = NONE;
        this.behaviourLogProbs = NONE;
        this.versions = versions;
    }

    /** Tokens {@code from} to {@code to} of a response that was given, not sampled. */
    public static TokenRun given(TokenIds response, int from, int to, long policyVersion) {
        long[] versions = new long[to - from];
        Arrays.fill(versions, policyVersion);
        return new TokenRun(from, Arrays.copyOfRange(response.toArray(), from, to), versions);
    }

    /** Place of the first of these tokens in the response. */
    public int index() {
        return index;
    }

    public int size() {
        return ids.length;
    }

    public int id(int i) {
        return ids[i];
    }

    /** Whether these tokens have log-probabilities: not those of a given response. */
    public boolean isSampled() {
        return logProbs.length > 0;
    }

    /** Natural logarithm, under the policy itself: temperature 1, nothing cut. */
    public float logProb(int i) {
        return logProbs[i];
    }

    /** Whether these tokens were drawn from a mixture with a teacher. */
    public boolean isMixed() {
        return behaviourLogProbs.length > 0;
    }

    /** Natural logarithm, under the mixture that the token was drawn from: temperature 1, nothing cut. */
    public float behaviourLogProb(int i) {
        return behaviourLogProbs[i];
    }

    /** Version of the weights that token i was sampled with; of a given token, those that were live when it was told. */
    public long policyVersion(int i) {
        return versions[i];
    }
}
