// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

/** Small values for tests. */
final class Samples {
    private Samples() {}

    static RolloutRequest request(String id) {
        return new RolloutRequest(id, new PromptText.Text("hello"), "", Origin.FILE);
    }

    static Sample sample(Admitted admitted, long oldestVersion) {
        return new Sample(
                admitted,
                TokenIds.of(1),
                ByteBuffer.allocate(4),
                ByteBuffer.allocate(0),
                oldestVersion,
                1,
                Finish.STOP,
                ByteString.EMPTY,
                Sample.Score.NONE);
    }
}
