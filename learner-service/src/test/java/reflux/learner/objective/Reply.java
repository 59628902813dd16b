// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;

/**
 * One response of a test's step, with the states of both sides that predict its tokens.
 *
 * @param before the student's token before the first
 * @param logProbs of the sampler; none where the response was given
 * @param behaviour of the mixture that was sampled from; may be none
 * @param teacherTokens none where the teacher was not asked
 * @param staleness of the sampler
 */
record Reply(
        int[] tokens,
        int before,
        boolean isGold,
        double[][] states,
        float[] logProbs,
        float[] behaviour,
        int[] teacherTokens,
        double[][] teacherStates,
        long staleness) {

    /** A gold response that no teacher saw. */
    static Reply gold(long seed, int... tokens) {
        double[][] states = PlainMaths.gaussian(seed, tokens.length, ReplyStep.STUDENT_WIDTH);
        return new Reply(tokens, 0, true, states, new float[0], new float[0], new int[0], new double[0][], 0);
    }

    /** A sampled response with a score of the same tokens; the sampler gave each the log-probability −1. */
    static Reply sampled(long seed, int... tokens) {
        return gold(seed, tokens).scored(seed + 1, tokens).sampledWith(-1);
    }

    Reply scored(long seed, int... ids) {
        return scored(ids, PlainMaths.gaussian(seed, ids.length, ReplyStep.TEACHER_WIDTH));
    }

    Reply scored(int[] teacherTokens, double[][] rows) {
        return new Reply(tokens, before, isGold, states, logProbs, behaviour, teacherTokens, rows, staleness);
    }

    /** Not given but sampled, each token with that log-probability. */
    Reply sampledWith(double logProb) {
        float[] all = new float[tokens.length];
        Arrays.fill(all, (float) logProb);
        return sampledWith(all);
    }

    Reply sampledWith(float... all) {
        return new Reply(tokens, before, false, states, all, behaviour, teacherTokens, teacherStates, staleness);
    }

    Reply drawnFrom(float... mixture) {
        return new Reply(tokens, before, isGold, states, logProbs, mixture, teacherTokens, teacherStates, staleness);
    }

    Reply after(int token) {
        return new Reply(tokens, token, isGold, states, logProbs, behaviour, teacherTokens, teacherStates, staleness);
    }

    Reply with(double[][] newStates) {
        return new Reply(
                tokens, before, isGold, newStates, logProbs, behaviour, teacherTokens, teacherStates, staleness);
    }

    Reply stale(long versions) {
        return new Reply(tokens, before, isGold, states, logProbs, behaviour, teacherTokens, teacherStates, versions);
    }
}
