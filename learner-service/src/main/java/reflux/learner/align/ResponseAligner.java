// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

/** Aligns the tokens of one response; immutable. */
public interface ResponseAligner {

    /** Both sides' tokens and what they cover, in order. */
    Alignment align(int[] teacherIds, TokenSpans teacherSpans, int[] studentIds, TokenSpans studentSpans);
}
