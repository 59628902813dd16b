// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** A string that knows who wrote each of its characters; equal to any other of the same characters. */
final class Text {
    static final Text EMPTY = new Text("", "");

    private final String value;
    private final String marks; // one for each character; empty if the template wrote all

    private Text(String value, String marks) {
        this.value = value;
        this.marks = marks;
    }

    static Text of(String value) {
        return new Text(value, "");
    }

    static Text of(String value, Origin origin) {
        return origin == Origin.TEMPLATE
                ? of(value)
                : new Text(value, String.valueOf(origin.mark()).repeat(value.length()));
    }

    static Text of(String value, String marks) {
        return new Text(value, marks);
    }

    String value() {
        return value;
    }

    int length() {
        return value.length();
    }

    boolean isEmpty() {
        return value.isEmpty();
    }

    char mark(int index) {
        return marks.isEmpty() ? 0 : marks.charAt(index);
    }

    /** By UTF-16 indices. */
    Text part(int start, int end) {
        return new Text(value.substring(start, end), marks.isEmpty() ? "" : marks.substring(start, end));
    }

    Text from(int start) {
        return part(start, value.length());
    }

    Text repeated(int times) {
        return new Text(value.repeat(times), marks.repeat(times));
    }

    /** Another spelling of this text; a character of it is as foreign as the most foreign one here. */
    Text respelled(String other) {
        if (marks.isEmpty()) {
            return of(other);
        }
        if (other.length() == value.length()) {
            return new Text(other, marks);
        }
        int most = marks.chars().max().orElse(0);
        return of(other, Origin.of((char) most));
    }

    /** Number of code points. */
    int size() {
        return value.codePointCount(0, value.length());
    }

    /** One code point by its index. */
    Text at(int index) {
        int start = value.offsetByCodePoints(0, index);
        return part(start, value.offsetByCodePoints(start, 1));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && text.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
