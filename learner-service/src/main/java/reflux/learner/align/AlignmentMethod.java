// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import reflux.model.text.Vocabulary;

/** How the tokens of a response pair across two tokenizers. */
public enum AlignmentMethod {
    /** By the bytes that they cover: {@link TokenAligner}. */
    BYTES,
    /** By the scan that DSKDv2 published, to compare with: {@link PublishedAligner}. */
    PUBLISHED;

    /** The method of a configuration; IllegalArgumentException if there is none of that name. */
    public static AlignmentMethod named(String name) {
        return switch (name) {
            case "bytes" -> BYTES;
            case "published" -> PUBLISHED;
            default ->
                throw new IllegalArgumentException("learner.alignment is '" + name + "'; use bytes or published");
        };
    }

    /** This method for two vocabularies. */
    public ResponseAligner between(Vocabulary teacher, Vocabulary student) {
        return switch (this) {
            case BYTES ->
                (teacherIds, teacherSpans, studentIds, studentSpans) -> TokenAligner.align(teacherSpans, studentSpans);
            case PUBLISHED -> new PublishedAligner(teacher, student);
        };
    }
}
