// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import reflux.learner.align.Alignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.LeadingSpace;
import reflux.learner.align.TokenGroup;
import reflux.learner.align.TokenPair;
import reflux.model.text.TokenIds;

/**
 * Tokens of both sides over the same bytes, with the rows that predict them.
 *
 * @param lastTokens how the last token of each side is read
 */
record RealisedGroup(
        TokenIds teacherRows, TokenIds teacherIds, TokenIds studentRows, TokenIds studentIds, FirstTokens lastTokens) {

    /** All groups of an alignment and, as groups of one token each, its end pairs. */
    static List<TokenGroup> groups(Alignment alignment) {
        List<TokenGroup> groups = new ArrayList<>(alignment.groups());
        int end = groups.isEmpty() ? 0 : groups.get(groups.size() - 1).endByte();
        for (TokenPair pair : alignment.endPairs()) {
            groups.add(new TokenGroup(TokenIds.of(pair.teacher()), TokenIds.of(pair.student()), end, end));
        }
        return groups;
    }

    /** All pairs and groups of a micro-batch. */
    static List<RealisedGroup> all(LossBatch batch) {
        return chosen(batch, group -> true);
    }

    /** Only groups of more than one token on a side. */
    static List<RealisedGroup> unpaired(LossBatch batch) {
        return chosen(batch, group -> !group.isExactPair());
    }

    private static List<RealisedGroup> chosen(LossBatch batch, Predicate<TokenGroup> isChosen) {
        List<RealisedGroup> found = new ArrayList<>();
        for (Response response : batch.responses()) {
            if (response.score().isPresent()) {
                Response.Scored score = response.score().get();
                List<TokenGroup> groups =
                        score.isSameTokens() ? pairs(response.tokens().size()) : groups(score.alignment());
                groups.stream()
                        .filter(isChosen)
                        .map(group -> of(response, score, group))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static List<TokenGroup> pairs(int tokens) {
        return IntStream.range(0, tokens)
                .mapToObj(i -> new TokenGroup(TokenIds.of(i), TokenIds.of(i), i, i))
                .toList();
    }

    private static RealisedGroup of(Response response, Response.Scored score, TokenGroup group) {
        return new RealisedGroup(
                rows(score.teacherRow(), group.teacher()),
                ids(score.tokens(), group.teacher()),
                rows(response.studentRow(), group.student()),
                ids(response.tokens(), group.student()),
                reading(score, group));
    }

    private static TokenIds rows(int first, TokenIds tokens) {
        return TokenIds.of(IntStream.of(tokens.toArray()).map(i -> first + i).toArray());
    }

    private static TokenIds ids(TokenIds response, TokenIds tokens) {
        return TokenIds.of(IntStream.of(tokens.toArray()).map(response::get).toArray());
    }

    private static FirstTokens reading(Response.Scored score, TokenGroup group) {
        if (score.isSameTokens()) {
            return FirstTokens.PLAIN;
        }
        FirstTokens first = score.alignment().firstTokens();
        return FirstTokens.of(
                isFirst(group.teacher()) ? first.teacher() : LeadingSpace.KEPT,
                isFirst(group.student()) ? first.student() : LeadingSpace.KEPT);
    }

    private static boolean isFirst(TokenIds tokens) {
        return tokens.size() == 1 && tokens.get(0) == 0;
    }

    /** Cuts groups into runs with at most {@code limit} rows on each side, or one group. */
    static List<List<RealisedGroup>> runs(List<RealisedGroup> groups, int limit) {
        List<List<RealisedGroup>> runs = new ArrayList<>();
        int teacher = limit;
        int student = limit;
        for (RealisedGroup group : groups) {
            teacher += group.teacherRows().size();
            student += group.studentRows().size();
            if (teacher > limit || student > limit) {
                runs.add(new ArrayList<>());
                teacher = group.teacherRows().size();
                student = group.studentRows().size();
            }
            runs.get(runs.size() - 1).add(group);
        }
        return runs;
    }
}
