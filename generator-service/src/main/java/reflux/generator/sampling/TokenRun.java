// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.Arrays;

/** Some tokens of a rollout that follow one another, each with its log-probability and policy version. Immutable. */
public final class TokenRun {
    private final int index;
    private final int[] ids;
    private final float[] logProbs;
    private final long[] versions;

    TokenRun(int[] ids, float[] logProbs, long[] versions, int from, int to) {
        this.index = from;
        this.ids = Arrays.copyOfRange(ids, from, to);
        this.logProbs = Arrays.copyOfRange(logProbs, from, to);
        this.versions = Arrays.copyOfRange(versions, from, to);
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

    /** Natural logarithm, under the policy itself: temperature 1, nothing cut. */
    public float logProb(int i) {
        return logProbs[i];
    }

    /** Version of the weights that token i was sampled with. */
    public long policyVersion(int i) {
        return versions[i];
    }
}
