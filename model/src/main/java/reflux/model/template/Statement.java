// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.List;

/** What writes or sets something. Blocks are executed by {@link Scope#execute}, which counts. */
sealed interface Statement {
    Flow execute(Scope scope, TextBuilder out);

    record Data(Text text) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            out.append(text);
            return Flow.NEXT;
        }
    }

    record Print(Expression expression) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            out.append(Printing.print(scope.run(), scope.evaluate(expression)));
            return Flow.NEXT;
        }
    }

    record Branch(Expression condition, List<Statement> body) {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            for (Branch branch : branches) {
                if (Values.isTrue(scope.evaluate(branch.condition()))) {
                    return scope.execute(branch.body(), out);
                }
            }
            return scope.execute(otherwise, out);
        }
    }

    record For(Target target, Expression items, Expression condition, List<Statement> body, List<Statement> otherwise)
            implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            List<Object> chosen = new ArrayList<>();
            for (Object item : Values.items(scope.evaluate(items))) {
                Scope inner = scope.inner();
                target.assign(inner, item);
                if (Values.isTrue(inner.evaluate(condition))) {
                    chosen.add(item);
                }
            }
            for (int i = 0; i < chosen.size(); i++) {
                Scope inner = scope.inner();
                target.assign(inner, chosen.get(i));
                inner.set("loop", new Loop(chosen, i));
                if (inner.execute(body, out) == Flow.BREAK) {
                    break;
                }
            }
            return chosen.isEmpty() ? scope.execute(otherwise, out) : Flow.NEXT;
        }
    }

    record Set(Target target, Expression value) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            target.assign(scope, scope.evaluate(value));
            return Flow.NEXT;
        }
    }

    /** Output of a body through filters, each a {@link Expression.Filtered} of the name {@link #BODY}. */
    record Captured(List<Statement> body, Expression filters) {
        static final String BODY = " body";

        Object evaluate(Scope scope) {
            Scope inner = scope.inner();
            TextBuilder text = new TextBuilder(scope.run());
            inner.execute(body, text);
            inner.set(BODY, text.text());
            return inner.evaluate(filters);
        }
    }

    record SetBlock(Target target, Captured captured) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            target.assign(scope, captured.evaluate(scope));
            return Flow.NEXT;
        }
    }

    record FilterBlock(Captured captured) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            out.append(Printing.print(scope.run(), captured.evaluate(scope)));
            return Flow.NEXT;
        }
    }

    record MacroParameter(String name, Expression otherwise) {}

    record Macro(String name, List<MacroParameter> parameters, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            scope.set(name, (Callable) (run, arguments) -> call(scope, arguments));
            return Flow.NEXT;
        }

        private Text call(Scope scope, Arguments arguments) {
            Scope inner = scope.inner();
            for (int i = 0; i < parameters.size(); i++) {
                MacroParameter parameter = parameters.get(i);
                inner.set(
                        parameter.name(),
                        arguments.find(i, parameter.name()).orElseGet(() -> inner.evaluate(parameter.otherwise())));
            }
            TextBuilder text = new TextBuilder(scope.run());
            inner.execute(body, text);
            return text.text();
        }
    }

    /** What the assistant said; its place is reported where it is written straight into the output. */
    record Generation(List<Statement> body) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            int start = out.length();
            Flow flow = scope.inner().execute(body, out);
            if (out == scope.run().output()) {
                scope.run().generated(start, out.length());
            }
            return flow;
        }
    }

    record Jump(Flow flow) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            return flow;
        }
    }
}
