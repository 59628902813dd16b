// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.Arrays;
import java.util.List;

/**
 * Error rates of responses that are units separated by white space (phonemes, words). Each response is compared with the
 * reference that needs the fewest edits (insert, delete, replace); of equals the first.
 *
 * @param per Σ edits / Σ units of the chosen references: the phoneme error rate where units are phonemes
 * @param wer share of responses with at least one edit: the word error rate where one response is one word
 */
public record ErrorRates(double per, double wer, int count) {

    /** Of equally many responses and items. */
    public static ErrorRates of(List<EvalItem> items, List<String> responses) {
        if (items.size() != responses.size()) {
            throw new IllegalArgumentException(
                    "needs one response an item, has " + responses.size() + " and " + items.size());
        }
        long edits = 0;
        long units = 0;
        int wrong = 0;
        for (int i = 0; i < items.size(); i++) {
            Match match = closest(items.get(i).references(), responses.get(i));
            edits += match.edits();
            units += match.units();
            wrong += match.edits() > 0 ? 1 : 0;
        }
        return new ErrorRates(
                edits / (double) Math.max(1, units), wrong / (double) Math.max(1, items.size()), items.size());
    }

    private static Match closest(List<String> references, String response) {
        String[] units = units(response);
        Match best = new Match(Integer.MAX_VALUE, 0);
        for (String reference : references) {
            String[] right = units(reference);
            int edits = edits(units, right);
            if (edits < best.edits()) {
                best = new Match(edits, right.length);
            }
        }
        return best;
    }

    private static String[] units(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? new String[0] : stripped.split("\\s+");
    }

    /** Levenshtein distance in units. */
    static int edits(String[] from, String[] to) {
        int[] previous = new int[to.length + 1];
        Arrays.setAll(previous, j -> j);
        for (int i = 1; i <= from.length; i++) {
            int[] row = new int[to.length + 1];
            row[0] = i;
            for (int j = 1; j <= to.length; j++) {
                int replace = previous[j - 1] + (from[i - 1].equals(to[j - 1]) ? 0 : 1);
                row[j] = Math.min(replace, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[to.length];
    }

    private record Match(int edits, int units) {}
}
