// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reflux.model.template.Expression.Entry;
import reflux.model.template.Expression.Given;

/** Names, literals and brackets, and what may follow them: attributes, subscripts, calls, filters and tests. */
final class PrimaryParser {
    private static final Set<String> AFTER_TESTS = Set.of("and", "or", "not", "if", "else", "is", "in");

    private final TokenCursor cursor;
    private final ExpressionParser expressions;

    PrimaryParser(TokenCursor cursor, ExpressionParser expressions) {
        this.cursor = cursor;
        this.expressions = expressions;
    }

    Expression primary() {
        Token token = cursor.take();
        return switch (token.kind()) {
            case NAME -> name(token.text());
            case TEXT -> text(token);
            case INTEGER, FLOAT -> number(token);
            case OPERATOR -> bracketed(token);
            default -> throw token.unexpected("a value");
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(true);
            case "false", "False" -> new Expression.Literal(false);
            case "none", "None" -> ExpressionParser.NOTHING;
            default -> new Expression.Name(name);
        };
    }

    private Expression text(Token first) {
        StringBuilder value = new StringBuilder(first.text());
        while (cursor.peek().kind() == Token.Kind.TEXT) {
            value.append(cursor.take().text());
        }
        return new Expression.Literal(Text.of(value.toString()));
    }

    private static Expression number(Token token) {
        String digits = token.text().replace("_", "");
        try {
            boolean whole = token.kind() == Token.Kind.INTEGER;
            return new Expression.Literal(whole ? (Object) Long.valueOf(digits) : Double.valueOf(digits));
        } catch (NumberFormatException e) {
            throw token.unexpected("a number below 2^63");
        }
    }

    private Expression bracketed(Token open) {
        if (open.text().equals("(")) {
            if (cursor.takeOperator(")")) {
                return new Expression.TupleOf(List.of());
            }
            Expression inner = expressions.tuple();
            cursor.expectOperator(")");
            return inner;
        }
        if (open.text().equals("[")) {
            List<Expression> items = new ArrayList<>();
            while (!cursor.takeOperator("]")) {
                items.add(expressions.expression());
                separator("]");
            }
            return new Expression.ListOf(items);
        }
        if (open.text().equals("{")) {
            List<Entry> entries = new ArrayList<>();
            while (!cursor.takeOperator("}")) {
                Expression key = expressions.expression();
                cursor.expectOperator(":");
                entries.add(new Entry(key, expressions.expression()));
                separator("}");
            }
            return new Expression.MapOf(entries);
        }
        throw open.unexpected("a value");
    }

    private void separator(String close) {
        if (!cursor.isOperator(close)) {
            cursor.expectOperator(",");
        }
    }

    /** With attributes, subscripts and calls. */
    Expression postfixed(Expression start) {
        Expression value = start;
        while (true) {
            if (cursor.takeOperator(".")) {
                Token name = cursor.take();
                if (name.kind() == Token.Kind.INTEGER) {
                    value = new Expression.Item(value, number(name));
                } else if (name.kind() == Token.Kind.NAME) {
                    value = new Expression.Attribute(value, name.text());
                } else {
                    throw name.unexpected("a name");
                }
            } else if (cursor.takeOperator("[")) {
                value = subscript(value);
            } else if (cursor.isOperator("(")) {
                value = new Expression.Call(value, given());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression target) {
        Expression start = part();
        if (cursor.takeOperator("]")) {
            return new Expression.Item(target, start);
        }
        cursor.expectOperator(":");
        Expression end = part();
        Expression step = cursor.takeOperator(":") ? part() : ExpressionParser.NOTHING;
        cursor.expectOperator("]");
        return new Expression.Slice(target, start, end, step);
    }

    private Expression part() {
        return cursor.isOperator(":") || cursor.isOperator("]") ? ExpressionParser.NOTHING : expressions.expression();
    }

    private Given given() {
        cursor.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!cursor.takeOperator(")")) {
            if (cursor.peek().kind() == Token.Kind.NAME && cursor.peekSecond().is(Token.Kind.OPERATOR, "=")) {
                String name = cursor.take().text();
                cursor.take();
                named.put(name, expressions.expression());
            } else {
                positional.add(expressions.expression());
            }
            separator(")");
        }
        return new Given(positional, named);
    }

    /** With filters, tests and calls of their results. */
    Expression filtered(Expression start) {
        Expression value = start;
        while (true) {
            if (cursor.takeOperator("|")) {
                value = filter(value);
            } else if (cursor.takeName("is")) {
                value = test(value);
            } else if (cursor.isOperator("(")) {
                value = new Expression.Call(value, given());
            } else {
                return value;
            }
        }
    }

    /** One filter, after its bar. */
    Expression filter(Expression input) {
        String name = cursor.expect(Token.Kind.NAME);
        return new Expression.Filtered(input, name, cursor.isOperator("(") ? given() : Given.NOTHING);
    }

    private Expression test(Expression input) {
        boolean negated = cursor.takeName("not");
        String name = cursor.expect(Token.Kind.NAME);
        Given given = Given.NOTHING;
        if (cursor.isOperator("(")) {
            given = given();
        } else if (beginsArgument(cursor.peek())) {
            given = new Given(List.of(postfixed(primary())), Map.of());
        }
        Expression tested = new Expression.Tested(input, name, given);
        return negated ? new Expression.Not(tested) : tested;
    }

    private static boolean beginsArgument(Token token) {
        return switch (token.kind()) {
            case TEXT, INTEGER, FLOAT -> true;
            case NAME -> !AFTER_TESTS.contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }
}
