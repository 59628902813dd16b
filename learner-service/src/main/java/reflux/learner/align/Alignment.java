// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.List;
import reflux.model.text.TokenIds;

/**
 * How the tokens of one response pair up across two tokenizers.
 *
 * @param groups minimal groups in order of bytes; the exact pairs are those with one token on each side
 * @param endPairs pairs of end-of-sequence tokens
 * @param teacherLeftover teacher's text tokens that are in no group
 * @param studentLeftover student's text tokens that are in no group
 * @param firstTokens how the first token of each side treats its leading space
 * @param stats counts, to be summed over samples
 */
public record Alignment(
        List<TokenGroup> groups,
        List<TokenPair> endPairs,
        TokenIds teacherLeftover,
        TokenIds studentLeftover,
        FirstTokens firstTokens,
        AlignmentStats stats) {

    public Alignment {
        groups = List.copyOf(groups);
        endPairs = List.copyOf(endPairs);
    }

    /** One text token on each side over the same bytes, in order. */
    public List<TokenPair> exactPairs() {
        return groups.stream()
                .filter(TokenGroup::isExactPair)
                .map(group ->
                        new TokenPair(group.teacher().get(0), group.student().get(0)))
                .toList();
    }
}
