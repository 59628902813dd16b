// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

/**
 * How both sides treat a leading space of the response's first token. Where either drops it, the prediction of the first
 * token means other bytes than the same prediction anywhere else.
 */
public record FirstTokens(LeadingSpace teacher, LeadingSpace student) {
    public static final FirstTokens PLAIN = new FirstTokens(LeadingSpace.KEPT, LeadingSpace.KEPT);

    /** Plain where both sides drop it: the same bytes with the space are the same bytes without. */
    public static FirstTokens of(LeadingSpace teacher, LeadingSpace student) {
        return teacher == student ? PLAIN : new FirstTokens(teacher, student);
    }

    /** Whether the first token is read like all others. */
    public boolean isPlain() {
        return equals(PLAIN);
    }
}
