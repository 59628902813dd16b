// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

class GivenResponseTest {
    private static final int[] CUT_UMLAUT = {'a', 0xc3};

    @Test
    void cutWithinACharacter_losesItsBytes() {
        assertThat(GivenResponse.of(answer(Finish.LENGTH, CUT_UMLAUT))).isEqualTo(new GivenResponse("a", true));
    }

    @Test
    void endedWithBytesThatAreNoText_saysSo() {
        assertThat(GivenResponse.of(answer(Finish.STOP, CUT_UMLAUT))).isEqualTo(new GivenResponse("a\ufffd", false));
    }

    private static Sample answer(Finish finish, int... bytes) {
        byte[] response = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            response[i] = (byte) bytes[i];
        }
        return new Sample(
                new Admitted("a", new PromptText.Text("p"), "", Origin.TEACHER, 0, 0),
                TokenIds.of(1),
                ByteBuffer.allocate(0),
                ByteBuffer.allocate(0),
                0,
                1,
                finish,
                ByteString.copyFrom(response),
                Sample.Score.NONE);
    }
}
