// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.List;

/**
 * How the tokens of one rollout are chosen. The order is: mixture with the teacher, temperature, then top-k, then top-p of what is left.
 *
 * @param temperature 0 = greedy
 * @param topK 0 = all tokens; ties go to the lower id
 * @param topP 1 = all tokens; else the smallest set of most likely tokens whose mass reaches it
 * @param maxNewTokens the end-of-sequence token counted
 * @param stop the response ends before the first of these texts
 * @param teacherMix share of the teacher in the distribution that tokens are drawn from; 0 = the policy alone
 */
public record SamplingRule(
        double temperature, int topK, double topP, int maxNewTokens, List<String> stop, double teacherMix) {
    public SamplingRule {
        stop = List.copyOf(stop);
        if (!(temperature >= 0 && temperature <= 1000)) {
            throw new IllegalArgumentException("temperature must be 0 to 1000, was " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top_k must be >= 0, was " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top_p must be above 0 and at most 1, was " + topP);
        }
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("max_new_tokens must be >= 1, was " + maxNewTokens);
        }
        if (stop.size() > 16 || stop.stream().anyMatch(text -> text.isEmpty() || text.length() > 256)) {
            throw new IllegalArgumentException("stop must be at most 16 texts of 1 to 256 characters");
        }
        if (!(teacherMix >= 0 && teacherMix < 1)) {
            throw new IllegalArgumentException("teacher_mix must be at least 0 and below 1, was " + teacherMix);
        }
    }

    /** Without a teacher. */
    public SamplingRule(double temperature, int topK, double topP, int maxNewTokens, List<String> stop) {
        this(temperature, topK, topP, maxNewTokens, stop, 0);
    }

    /** The same, drawn from (1 - share) q + share p, with the policy's q and a teacher's p. */
    public SamplingRule withTeacherMix(double share) {
        return new SamplingRule(temperature, topK, topP, maxNewTokens, stop, share);
    }

    /** The whole distribution as it is. */
    public static SamplingRule raw(int maxNewTokens) {
        return new SamplingRule(1, 0, 1, maxNewTokens, List.of());
    }

    /** The most likely token each time. */
    public static SamplingRule greedy(int maxNewTokens) {
        return new SamplingRule(0, 0, 1, maxNewTokens, List.of());
    }

    boolean isMixed() {
        return teacherMix > 0;
    }

    boolean cutsByMass() {
        return temperature > 0 && topP < 1;
    }

    boolean cutsByRank() {
        return temperature > 0 && topK > 0;
    }
}
