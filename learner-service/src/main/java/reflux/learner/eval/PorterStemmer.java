// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Porter's algorithm for suffix stripping (Program 14.3, 1980) with the deviations that NLTK's stemmer makes by default:
 * irregular words, {@code -ies} and {@code -ied} of short words, {@code y} after a consonant only, {@code -alli} first,
 * {@code -fulli} and {@code -logi}. Of a rule list the first suffix that fits decides, whether its condition holds or not.
 * Pure.
 */
final class PorterStemmer {
    private static final Map<String, String> IRREGULAR = Map.ofEntries(
            Map.entry("sky", "sky"),
            Map.entry("skies", "sky"),
            Map.entry("dying", "die"),
            Map.entry("lying", "lie"),
            Map.entry("tying", "tie"),
            Map.entry("news", "news"),
            Map.entry("innings", "inning"),
            Map.entry("inning", "inning"),
            Map.entry("outings", "outing"),
            Map.entry("outing", "outing"),
            Map.entry("cannings", "canning"),
            Map.entry("canning", "canning"),
            Map.entry("howe", "howe"),
            Map.entry("proceed", "proceed"),
            Map.entry("exceed", "exceed"),
            Map.entry("succeed", "succeed"));

    private static final Predicate<String> MEASURE_0 = stem -> measure(stem) > 0;
    private static final Predicate<String> MEASURE_1 = stem -> measure(stem) > 1;

    private static final List<Rule> PLURALS = List.of(
            new Rule("sses", "ss", stem -> true),
            new Rule("ies", "i", stem -> true),
            new Rule("ss", "ss", stem -> true),
            new Rule("s", "", stem -> true));

    private static final List<Rule> DOUBLE_SUFFIXES = List.of(
            new Rule("ational", "ate", MEASURE_0),
            new Rule("tional", "tion", MEASURE_0),
            new Rule("enci", "ence", MEASURE_0),
            new Rule("anci", "ance", MEASURE_0),
            new Rule("izer", "ize", MEASURE_0),
            new Rule("bli", "ble", MEASURE_0),
            new Rule("alli", "al", MEASURE_0),
            new Rule("entli", "ent", MEASURE_0),
            new Rule("eli", "e", MEASURE_0),
            new Rule("ousli", "ous", MEASURE_0),
            new Rule("ization", "ize", MEASURE_0),
            new Rule("ation", "ate", MEASURE_0),
            new Rule("ator", "ate", MEASURE_0),
            new Rule("alism", "al", MEASURE_0),
            new Rule("iveness", "ive", MEASURE_0),
            new Rule("fulness", "ful", MEASURE_0),
            new Rule("ousness", "ous", MEASURE_0),
            new Rule("aliti", "al", MEASURE_0),
            new Rule("iviti", "ive", MEASURE_0),
            new Rule("biliti", "ble", MEASURE_0),
            new Rule("fulli", "ful", MEASURE_0),
            new Rule("logi", "log", stem -> measure(stem + "l") > 0));

    private static final List<Rule> INNER_SUFFIXES = List.of(
            new Rule("icate", "ic", MEASURE_0),
            new Rule("ative", "", MEASURE_0),
            new Rule("alize", "al", MEASURE_0),
            new Rule("iciti", "ic", MEASURE_0),
            new Rule("ical", "ic", MEASURE_0),
            new Rule("ful", "", MEASURE_0),
            new Rule("ness", "", MEASURE_0));

    private static final List<Rule> LAST_SUFFIXES = List.of(
            new Rule("al", "", MEASURE_1),
            new Rule("ance", "", MEASURE_1),
            new Rule("ence", "", MEASURE_1),
            new Rule("er", "", MEASURE_1),
            new Rule("ic", "", MEASURE_1),
            new Rule("able", "", MEASURE_1),
            new Rule("ible", "", MEASURE_1),
            new Rule("ant", "", MEASURE_1),
            new Rule("ement", "", MEASURE_1),
            new Rule("ment", "", MEASURE_1),
            new Rule("ent", "", MEASURE_1),
            new Rule("ion", "", stem -> measure(stem) > 1 && (stem.endsWith("s") || stem.endsWith("t"))),
            new Rule("ou", "", MEASURE_1),
            new Rule("ism", "", MEASURE_1),
            new Rule("ate", "", MEASURE_1),
            new Rule("iti", "", MEASURE_1),
            new Rule("ous", "", MEASURE_1),
            new Rule("ive", "", MEASURE_1),
            new Rule("ize", "", MEASURE_1));

    private PorterStemmer() {}

    /** The stem of a lower-case word. */
    static String stem(String word) {
        String irregular = IRREGULAR.get(word);
        if (irregular != null) {
            return irregular;
        } else if (word.length() <= 2) {
            return word;
        }
        String singular = word.length() == 4 && word.endsWith("ies") ? cut(word, 1) : apply(PLURALS, word);
        String shorter = doubleSuffix(finalY(participle(singular)));
        return finalL(finalE(apply(LAST_SUFFIXES, apply(INNER_SUFFIXES, shorter))));
    }

    private static String participle(String word) {
        if (word.endsWith("ied")) {
            return cut(word, word.length() == 4 ? 1 : 2);
        } else if (word.endsWith("eed")) {
            return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
        } else if (word.endsWith("ed") && hasVowel(cut(word, 2))) {
            return repaired(cut(word, 2));
        } else if (word.endsWith("ing") && hasVowel(cut(word, 3))) {
            return repaired(cut(word, 3));
        }
        return word;
    }

    /** What is left of -ed or -ing becomes a word again: conflat(ed), hopp(ing), fil(ing). */
    private static String repaired(String stem) {
        if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
            return stem + "e";
        } else if (endsInDoubleConsonant(stem)) {
            return "lsz".indexOf(last(stem)) < 0 ? cut(stem, 1) : stem;
        }
        return measure(stem) == 1 && endsInShortSyllable(stem) ? stem + "e" : stem;
    }

    private static String finalY(String word) {
        String stem = cut(word, 1);
        boolean isAfterConsonant = word.endsWith("y") && stem.length() > 1 && isConsonant(stem, stem.length() - 1);
        return isAfterConsonant ? stem + "i" : word;
    }

    private static String doubleSuffix(String word) {
        if (word.endsWith("alli") && measure(cut(word, 4)) > 0) {
            return doubleSuffix(cut(word, 2));
        }
        return apply(DOUBLE_SUFFIXES, word);
    }

    private static String finalE(String word) {
        if (!word.endsWith("e")) {
            return word;
        }
        String stem = cut(word, 1);
        int measure = measure(stem);
        return measure > 1 || measure == 1 && !endsInShortSyllable(stem) ? stem : word;
    }

    private static String finalL(String word) {
        return word.endsWith("ll") && measure(cut(word, 1)) > 1 ? cut(word, 1) : word;
    }

    private static String apply(List<Rule> rules, String word) {
        for (Rule rule : rules) {
            if (word.endsWith(rule.suffix())) {
                String stem = cut(word, rule.suffix().length());
                return rule.condition().test(stem) ? stem + rule.replacement() : word;
            }
        }
        return word;
    }

    /** How often a vowel is followed by a consonant: m in [C](VC)^m[V]. */
    private static int measure(String stem) {
        int count = 0;
        boolean wasVowel = false;
        boolean isConsonant = false;
        for (int i = 0; i < stem.length(); i++) {
            isConsonant = isConsonant(stem.charAt(i), i == 0, isConsonant);
            count += wasVowel && isConsonant ? 1 : 0;
            wasVowel = !isConsonant;
        }
        return count;
    }

    private static boolean hasVowel(String stem) {
        for (int i = 0; i < stem.length(); i++) {
            if (!isConsonant(stem, i)) {
                return true;
            }
        }
        return false;
    }

    private static boolean endsInDoubleConsonant(String word) {
        int length = word.length();
        return length >= 2 && last(word) == word.charAt(length - 2) && isConsonant(word, length - 1);
    }

    /** Consonant, vowel, consonant other than w, x, y: hop, fil; or of two letters vowel and consonant. */
    private static boolean endsInShortSyllable(String word) {
        int length = word.length();
        if (length == 2) {
            return !isConsonant(word, 0) && isConsonant(word, 1);
        }
        return length >= 3
                && isConsonant(word, length - 3)
                && !isConsonant(word, length - 2)
                && isConsonant(word, length - 1)
                && "wxy".indexOf(last(word)) < 0;
    }

    private static boolean isConsonant(String word, int at) {
        int start = at;
        while (start > 0 && word.charAt(start) == 'y') {
            start--;
        }
        boolean isConsonant = isConsonant(word.charAt(start), true, false);
        return isConsonant == ((at - start) % 2 == 0);
    }

    /** y is a consonant at the start and after a vowel. */
    private static boolean isConsonant(char letter, boolean isFirst, boolean isAfterConsonant) {
        return letter == 'y' ? isFirst || !isAfterConsonant : "aeiou".indexOf(letter) < 0;
    }

    private static char last(String word) {
        return word.charAt(word.length() - 1);
    }

    private static String cut(String word, int letters) {
        return word.substring(0, Math.max(0, word.length() - letters));
    }

    private record Rule(String suffix, String replacement, Predicate<String> condition) {}
}
