// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import reflux.learner.align.Alignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.LeadingSpace;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenSpans;
import reflux.learner.align.VocabularyMap;
import reflux.learner.projector.Projector;
import reflux.learner.projector.ProjectorSettings;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** A SentencePiece teacher writes its first token with a space that the text has not: " a" means "a" there, and only there. */
class FirstTokenTest {
    private static final Vocabulary TEACHER = vocabulary(" a", " b", "a");
    private static final Vocabulary STUDENT = vocabulary("a", " a", " b");
    private static final FirstTokens TEACHER_DROPS = new FirstTokens(LeadingSpace.DROPPED, LeadingSpace.KEPT);

    @Test
    void firstPair_isABlockOfItsOwn() {
        Alignment alignment = TokenAligner.align(teacherSpans(), studentSpans());

        List<PairBlock> blocks =
                RowPairs.builder().add(alignment, 10, 20).build().blocks();

        assertThat(alignment.exactPairs()).hasSize(3);
        assertThat(blocks)
                .containsExactly(
                        new PairBlock(TEACHER_DROPS, TokenIds.of(10), TokenIds.of(20)),
                        new PairBlock(FirstTokens.PLAIN, TokenIds.of(11, 12), TokenIds.of(21, 22)));
    }

    @Test
    void samePrediction_hasTwoTargets() {
        RowPairs pairs = RowPairs.builder()
                .add(TokenAligner.align(teacherSpans(), studentSpans()), 0, 0)
                .build();
        VocabularyMap map = VocabularyMap.between(TEACHER, STUDENT);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("first-token", 1))) {
            thread.call(engine -> {
                try (Scope scope = engine.scope().child();
                        DualSpaceLoss loss = DualSpaceLoss.load(engine, LossSettings.of(1, 1, new ForwardKl()), map)) {
                    Tensor head = scope.floats(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3);
                    Heads heads = new Heads(head, scope.zeros(head.type(), 3, 3), head);
                    Projector projector = Projector.initialise(engine, head, head, map, ProjectorSettings.defaults());
                    Tensor alwaysSpaceA = scope.floats(new float[] {9, 0, 0, 9, 0, 0, 9, 0, 0}, 3, 3);

                    Targets targets = loss.target(heads, projector, alwaysSpaceA, pairs, TokenIds.of(-1, -1, -1));

                    assertThat(targets.blocks().get(0).teacherIds()).isEqualTo(TokenIds.of(0));
                    assertThat(targets.blocks().get(1).teacherIds()).isEqualTo(TokenIds.of(1, 1));
                }
                return 0;
            });
        }
    }

    /** "a a b" as the teacher cuts it: its first token spells one byte more than it covers. */
    private static TokenSpans teacherSpans() {
        return TokenSpans.tokenized(TEACHER, new int[] {0, 0, 1}, new int[] {1, 3, 5}, 5);
    }

    private static TokenSpans studentSpans() {
        return TokenSpans.sampled(STUDENT, new int[] {0, 1, 2});
    }

    private static Vocabulary vocabulary(String... pieces) {
        int[] ends = new int[pieces.length];
        int end = 0;
        for (int id = 0; id < ends.length; id++) {
            end += pieces[id].length();
            ends[id] = end;
        }
        byte[] bytes = String.join("", pieces).getBytes(StandardCharsets.UTF_8);
        return Vocabulary.of(bytes, ends, new byte[ends.length]);
    }
}
