// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

/**
 * Whether the first token of a response covers all bytes that it spells, or all but a leading space that its tokenizer
 * put there (the dummy prefix of SentencePiece).
 */
public enum LeadingSpace {
    KEPT,
    DROPPED
}
