// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values at one place of a template; those of the enclosing places are seen, not changed. */
final class Scope {
    private final Run run;
    private final @Nullable Scope outer;
    private final Map<String, Object> names = new HashMap<>();

    Scope(Run run) {
        this.run = run;
        this.outer = null;
    }

    private Scope(Scope outer) {
        this.run = outer.run;
        this.outer = outer;
    }

    Scope inner() {
        return new Scope(this);
    }

    Run run() {
        return run;
    }

    void set(String name, Object value) {
        names.put(name, value);
    }

    /** Undefined where there is none. */
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.names.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Undefined("'" + name + "'");
    }

    Object evaluate(Expression expression) {
        run.enter();
        Object value = expression.evaluate(this);
        run.leave();
        return value;
    }

    Flow execute(List<Statement> block, TextBuilder out) {
        run.enter();
        Flow flow = Flow.NEXT;
        for (int i = 0; i < block.size() && flow == Flow.NEXT; i++) {
            run.charge(1);
            flow = block.get(i).execute(this, out);
        }
        run.leave();
        return flow;
    }
}
