// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;

/** Puts texts together, within the bounds of a run. */
final class TextBuilder {
    private final Run run;
    private final StringBuilder value = new StringBuilder();
    private final StringBuilder marks = new StringBuilder();

    TextBuilder(Run run) {
        this.run = run;
    }

    TextBuilder append(Text text) {
        return append(text, 0, text.length());
    }

    TextBuilder append(Text text, int start, int end) {
        grow(end - start);
        value.append(text.value(), start, end);
        for (int i = start; i < end; i++) {
            marks.append(text.mark(i));
        }
        return this;
    }

    /** Characters that take the place of one with this mark. */
    TextBuilder append(String characters, char mark) {
        grow(characters.length());
        value.append(characters);
        for (int i = 0; i < characters.length(); i++) {
            marks.append(mark);
        }
        return this;
    }

    TextBuilder append(String characters) {
        return append(characters, Origin.TEMPLATE.mark());
    }

    int length() {
        return value.length();
    }

    Text text() {
        return Text.of(value.toString(), marks.toString());
    }

    Rendered rendered(List<Rendered.Range> generated) {
        return new Rendered(value.toString(), marks.toString(), generated);
    }

    private void grow(int count) {
        run.checkLength((long) value.length() + count);
        run.charge(1 + count / 8);
    }
}
