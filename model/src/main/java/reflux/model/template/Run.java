// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** One rendering: what it has used up of its bounds, and what it found. Confined to its thread. */
final class Run {
    private final Bounds bounds;
    private final Clock clock;
    private final TextBuilder output = new TextBuilder(this);
    private final List<Rendered.Range> generated = new ArrayList<>();
    private long steps;
    private int depth;

    Run(Bounds bounds, Clock clock) {
        this.bounds = bounds;
        this.clock = clock;
    }

    Clock clock() {
        return clock;
    }

    TextBuilder output() {
        return output;
    }

    void generated(int start, int end) {
        generated.add(new Rendered.Range(start, end));
    }

    Rendered rendered() {
        return output.rendered(generated);
    }

    void charge(long count) {
        steps += count;
        if (steps > bounds.steps()) {
            throw new TemplateException("the chat template needs more than " + bounds.steps() + " steps");
        }
    }

    void checkLength(long characters) {
        if (characters > bounds.characters()) {
            throw new TemplateException("the chat template makes more than " + bounds.characters() + " characters");
        }
    }

    void enter() {
        charge(1);
        if (++depth > bounds.depth()) {
            throw new TemplateException("the chat template nests deeper than " + bounds.depth() + " levels");
        }
    }

    void leave() {
        depth--;
    }
}
