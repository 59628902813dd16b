// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Whether two texts are equal in lower case, without ASCII punctuation, and with single spaces. Pure. */
final class ExactMatch {
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private ExactMatch() {}

    static boolean of(List<String> references, String response) {
        String said = plain(response);
        return references.stream().anyMatch(reference -> plain(reference).equals(said));
    }

    /** Share of the items where the response is one of the references, from 0 to 1. */
    static double mean(List<EvalItem> items, List<String> responses) {
        int right = 0;
        for (int i = 0; i < items.size(); i++) {
            right += of(items.get(i).references(), responses.get(i)) ? 1 : 0;
        }
        return right / (double) Math.max(1, items.size());
    }

    private static String plain(String text) {
        String bare = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
        return SPACE.matcher(bare).replaceAll(" ").strip();
    }
}
