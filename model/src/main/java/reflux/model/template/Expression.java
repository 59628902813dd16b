// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What has a value. Parts are evaluated by {@link Scope#evaluate}, which counts. */
sealed interface Expression {
    Object evaluate(Scope scope);

    /** Of a call, a filter or a test. */
    record Given(List<Expression> positional, Map<String, Expression> named) {
        static final Given NOTHING = new Given(List.of(), Map.of());

        Arguments evaluate(Scope scope) {
            Map<String, Object> names = new LinkedHashMap<>();
            List<Object> values = all(scope, positional);
            named.forEach((name, expression) -> names.put(name, scope.evaluate(expression)));
            return new Arguments(values, names);
        }
    }

    private static List<Object> all(Scope scope, List<Expression> expressions) {
        List<Object> values = new ArrayList<>();
        for (Expression expression : expressions) {
            values.add(scope.evaluate(expression));
        }
        return values;
    }

    record Literal(Object value) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return value;
        }
    }

    record Name(String name) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return scope.get(name);
        }
    }

    record ListOf(List<Expression> items) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return all(scope, items);
        }
    }

    record TupleOf(List<Expression> items) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return new Tuple(all(scope, items));
        }
    }

    record Entry(Expression key, Expression value) {}

    record MapOf(List<Entry> entries) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (Entry entry : entries) {
                map.put(key(scope.evaluate(entry.key())), scope.evaluate(entry.value()));
            }
            return map;
        }

        private static Object key(Object value) {
            if (value instanceof Text || Values.isNumeric(value) || value == None.NONE) {
                return value;
            }
            throw new TemplateException("a " + Values.typeName(value) + " of the chat template cannot be a key");
        }
    }

    record Attribute(Expression target, String name) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Operators.attribute(scope.evaluate(target), name);
        }
    }

    record Item(Expression target, Expression key) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Operators.item(scope.run(), scope.evaluate(target), scope.evaluate(key));
        }
    }

    record Slice(Expression target, Expression start, Expression end, Expression step) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Operators.slice(
                    scope.run(),
                    scope.evaluate(target),
                    scope.evaluate(start),
                    scope.evaluate(end),
                    scope.evaluate(step));
        }
    }

    record Call(Expression target, Given given) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object function = scope.evaluate(target);
            if (function instanceof Callable callable) {
                return callable.call(scope.run(), given.evaluate(scope));
            }
            throw function instanceof Undefined undefined
                    ? undefined.failure()
                    : new TemplateException("the chat template calls a " + Values.typeName(function));
        }
    }

    record Filtered(Expression input, String filter, Given given) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Filters.apply(scope.run(), filter, scope.evaluate(input), given.evaluate(scope));
        }
    }

    record Tested(Expression input, String test, Given given) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Tests.holds(
                    scope.run(),
                    test,
                    scope.evaluate(input),
                    given.evaluate(scope).positional());
        }
    }

    record Not(Expression operand) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return !Values.isTrue(scope.evaluate(operand));
        }
    }

    record Signed(String sign, Expression operand) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Operators.arithmetic(scope.run(), sign, 0L, scope.evaluate(operand));
        }
    }

    record Arithmetic(String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Operators.arithmetic(scope.run(), operator, scope.evaluate(left), scope.evaluate(right));
        }
    }

    record Concatenation(List<Expression> parts) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            TextBuilder text = new TextBuilder(scope.run());
            for (Expression part : parts) {
                text.append(Printing.print(scope.run(), scope.evaluate(part)));
            }
            return text.text();
        }
    }

    /** Both: {@code and} stops at the first false value, {@code or} at the first true one. */
    record Either(boolean stopAt, Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = scope.evaluate(left);
            return Values.isTrue(value) == stopAt ? value : scope.evaluate(right);
        }
    }

    record Comparison(String operator, Expression right) {}

    /** Such as {@code 1 < x < 3}. */
    record Compared(Expression first, List<Comparison> rest) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object left = scope.evaluate(first);
            for (Comparison comparison : rest) {
                Object right = scope.evaluate(comparison.right());
                if (!Operators.compare(scope.run(), comparison.operator(), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    record Conditional(Expression condition, Expression then, Expression otherwise) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return scope.evaluate(Values.isTrue(scope.evaluate(condition)) ? then : otherwise);
        }
    }
}
