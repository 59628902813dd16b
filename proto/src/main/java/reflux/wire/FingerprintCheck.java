// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import reflux.v1.Fingerprints;

/** Compares what one side relies on with what the other side has. */
public final class FingerprintCheck {
    private FingerprintCheck() {}

    /**
     * Passes if every fingerprint that is expected is the actual one; empty expectations are not checked.
     *
     * @param expecting who relies on them, such as "learner@host"
     * @param having who has them, such as "teacher tiny-llama"
     * @throws ContractMismatchException naming both sides and both values
     */
    public static void require(Fingerprints expected, Fingerprints actual, String expecting, String having) {
        requireSame("tokenizer", expected.getTokenizer(), actual.getTokenizer(), expecting, having);
        requireSame("lm_head", expected.getLmHead(), actual.getLmHead(), expecting, having);
        requireSame("chat_template", expected.getChatTemplate(), actual.getChatTemplate(), expecting, having);
    }

    private static void requireSame(String what, String expected, String actual, String expecting, String having) {
        if (!expected.isEmpty() && !expected.equals(actual)) {
            throw new ContractMismatchException(what + " differs: " + expecting + " expects " + brief(expected) + ", "
                    + having + " has " + (actual.isEmpty() ? "none" : brief(actual)));
        }
    }

    private static String brief(String fingerprint) {
        return fingerprint.substring(0, Math.min(16, fingerprint.length()));
    }
}
