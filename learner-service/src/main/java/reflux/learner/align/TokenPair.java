// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

/** Indices of a teacher's and a student's token that cover the same bytes, or that both end the sequence there. */
public record TokenPair(int teacher, int student) {}
