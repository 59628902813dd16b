// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Sample;

/**
 * A response that is not sampled from the student.
 *
 * @param isCut whether it goes on where it was made, so that its last token must not be taken for its end
 */
record GivenResponse(String text, boolean isCut) {
    private static final String BROKEN = "\ufffd";

    /** What a teacher's model sampled. Bytes that are no text cannot be said in other tokens: they become U+FFFD, or go at a cut. */
    static GivenResponse of(Sample answer) {
        String text = answer.response().toStringUtf8();
        boolean isCut = answer.finish() == Finish.LENGTH;
        while (isCut && text.endsWith(BROKEN)) {
            text = text.substring(0, text.length() - 1);
        }
        return new GivenResponse(text, isCut);
    }

    ByteString bytes() {
        return ByteString.copyFrom(text, StandardCharsets.UTF_8);
    }
}
