// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * ROUGE-L of Lin (2004) as Google's {@code rouge_score} computes it with its stemmer: tokens are runs of a-z and 0-9 of the
 * lower-case text, those longer than three letters stemmed; F = 2·P·R / (P + R) of the longest common subsequence. Pure.
 */
final class RougeL {
    private static final Pattern BETWEEN = Pattern.compile("[^a-z0-9]+");

    private RougeL() {}

    /** The best F-measure over the references, from 0 to 1. */
    static double of(List<String> references, String response) {
        List<String> said = tokens(response);
        return references.stream()
                .mapToDouble(reference -> score(tokens(reference), said))
                .max()
                .orElse(0);
    }

    /** Mean over items, from 0 to 1. */
    static double mean(List<EvalItem> items, List<String> responses) {
        double sum = 0;
        for (int i = 0; i < items.size(); i++) {
            sum += of(items.get(i).references(), responses.get(i));
        }
        return sum / Math.max(1, items.size());
    }

    static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        for (String word : BETWEEN.split(text.toLowerCase(Locale.ROOT), -1)) {
            if (!word.isEmpty()) {
                tokens.add(word.length() > 3 ? PorterStemmer.stem(word) : word);
            }
        }
        return tokens;
    }

    private static double score(List<String> reference, List<String> response) {
        if (reference.isEmpty() || response.isEmpty()) {
            return 0;
        }
        int common = commonSubsequence(reference, response);
        double precision = common / (double) response.size();
        double recall = common / (double) reference.size();
        return common == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    private static int commonSubsequence(List<String> left, List<String> right) {
        int[] above = new int[right.size() + 1];
        for (String word : left) {
            int[] row = new int[right.size() + 1];
            for (int j = 1; j <= right.size(); j++) {
                boolean isSame = word.equals(right.get(j - 1));
                row[j] = isSame ? above[j - 1] + 1 : Math.max(above[j], row[j - 1]);
            }
            above = row;
        }
        return above[right.size()];
    }
}
