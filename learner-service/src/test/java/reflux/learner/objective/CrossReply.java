// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A response of a test's step as both sides cut it, with the states that predict its tokens.
 *
 * @param isGold given, not sampled
 */
record CrossReply(int[] tokens, double[][] states, int[] teacherTokens, double[][] teacherStates, boolean isGold) {

    CrossReply with(double[][] newStates) {
        return new CrossReply(tokens, newStates, teacherTokens, teacherStates, isGold);
    }

    /** A random text of a, b and c, cut at random by either vocabulary; both end it, or one, or none. */
    static CrossReply random(Random random, CrossWords words, boolean isGold) {
        StringBuilder text = new StringBuilder();
        int length = 4 + random.nextInt(8);
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        int[] tokens = cut(random, text.toString(), words.student());
        int[] teacherTokens = cut(random, text.toString(), words.teacher());
        return new CrossReply(
                tokens,
                PlainMaths.gaussian(random.nextLong(), tokens.length, words.studentWidth()),
                teacherTokens,
                PlainMaths.gaussian(random.nextLong(), teacherTokens.length, words.teacherWidth()),
                isGold);
    }

    private static int[] cut(Random random, String text, List<String> words) {
        List<Integer> ids = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            List<Integer> fitting = new ArrayList<>();
            for (int id = 0; id < words.size(); id++) {
                if (!words.get(id).isEmpty() && text.startsWith(words.get(id), at)) {
                    fitting.add(id);
                }
            }
            int id = fitting.get(random.nextInt(fitting.size()));
            ids.add(id);
            at += words.get(id).length();
        }
        if (random.nextInt(3) > 0) {
            ids.add(words.indexOf(CrossWords.END));
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
