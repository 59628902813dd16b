// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/**
 * What an objective asks of a score and of the two vocabularies.
 *
 * @param signal what the teacher sends
 * @param vocabularies whether teacher and student must have the same tokens
 * @param teacherEmbeddings whether the table of the teacher's input embeddings is needed beside its LM head
 * @param topK tokens of a {@link Signal#TOP_K} score, else 0
 */
public record Needs(Signal signal, Vocabularies vocabularies, boolean teacherEmbeddings, int topK) {

    /** The teacher's part of a score. */
    public enum Signal {
        /** No teacher at all. */
        NONE,
        /** The rows [N, D] that predict the tokens; with the LM head exact logits. */
        HIDDEN_STATES,
        /** ln p of each realised token. */
        SAMPLED_LOG_PROB,
        /** The most probable tokens, and the mass of the others. */
        TOP_K
    }

    /** What the tokenizers must be. */
    public enum Vocabularies {
        SAME,
        ANY
    }

    public static Needs nothing() {
        return new Needs(Signal.NONE, Vocabularies.ANY, false, 0);
    }

    public static Needs hiddenStates(Vocabularies vocabularies) {
        return new Needs(Signal.HIDDEN_STATES, vocabularies, false, 0);
    }

    public static Needs sampledLogProb() {
        return new Needs(Signal.SAMPLED_LOG_PROB, Vocabularies.SAME, false, 0);
    }

    public static Needs topK(int k) {
        return new Needs(Signal.TOP_K, Vocabularies.SAME, false, k);
    }

    public Needs withTeacherEmbeddings() {
        return new Needs(signal, vocabularies, true, topK);
    }
}
