// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.vectors.KdVector;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

/** Which rows are trained, against the reference masks: the row of the prompt's last token is the first, the end's the last. */
class MaskVectorsTest {
    private static final int IGNORED = -100;

    @Test
    void goldResponse_isLabelledWithItsEnd() {
        KdVector vector = KdVector.of("offpolicy_mask");

        TrainingRow row = TrainingRow.gold(
                KdVector.ints(vector.in("prompt")),
                KdVector.ints(vector.in("response")),
                vector.in("eos").asInt());

        assertThat(row.input().toArray()).isEqualTo(KdVector.ints(vector.out("input")));
        assertThat(labels(row, row.input().size(), 0)).isEqualTo(KdVector.ints(vector.out("label")));
    }

    /** The published mask leaves out the end, because it has the id of padding; masks made from lengths do not. */
    @Test
    void sampledResponse_isLabelledUpToItsFirstEnd() {
        KdVector vector = KdVector.of("onpolicy_mask");
        int[] generated = KdVector.ints(vector.in("generated"));
        int width = vector.in("prompt_width").asInt();
        int padding = 2;
        int[] sampled = Arrays.copyOfRange(generated, width, width + 3);
        assertThat(sampled[2]).isEqualTo(vector.in("eos").asInt());

        TrainingRow row = TrainingRow.sampled(Arrays.copyOfRange(generated, padding, width), sample(sampled));

        assertThat(labels(row, generated.length - 1, padding)).isEqualTo(KdVector.ints(vector.out("correct")));
        assertThat(vector.out("published").get(5).asInt()).isEqualTo(IGNORED);
    }

    /** The published replay labels are one position late: the first token is left out, and a row after the last is learned. */
    @Test
    void cutResponse_isLabelledFromItsFirstTokenToItsLast() {
        KdVector vector = KdVector.of("distillm_label_shift");
        int positions = vector.out("input").size();

        TrainingRow row =
                TrainingRow.sampled(KdVector.ints(vector.in("prompt")), sample(KdVector.ints(vector.in("response"))));

        assertThat(labels(row, positions, 0)).isEqualTo(KdVector.ints(vector.out("dataset_convention_label")));
        assertThat(labels(row, positions, 0)).isNotEqualTo(KdVector.ints(vector.out("published_label")));
    }

    /** Shifted labels as the reference writes them: one for each position, after {@code padding} positions on the left. */
    private static int[] labels(TrainingRow row, int positions, int padding) {
        int[] labels = new int[positions];
        Arrays.fill(labels, IGNORED);
        System.arraycopy(
                row.labels().toArray(),
                0,
                labels,
                padding + row.firstRow(),
                row.labels().size());
        return labels;
    }

    private static Sample sample(int[] tokens) {
        Admitted admitted = new Admitted("a", new PromptText.Text("hello"), "", Origin.FILE, 0, 0);
        return new Sample(
                admitted,
                TokenIds.of(tokens),
                ByteBuffer.allocate(12),
                ByteBuffer.allocate(0),
                0,
                2,
                Finish.STOP,
                ByteString.EMPTY,
                Sample.Score.NONE);
    }
}
