// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import reflux.model.template.Expression.Comparison;

/** Expressions with Jinja's precedence: if, or, and, not, comparisons, + -, ~, * / // %, **, signs, then {@link PrimaryParser}. */
final class ExpressionParser {
    static final Expression NOTHING = new Expression.Literal(None.NONE);
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenCursor cursor;
    private final PrimaryParser primaries;

    ExpressionParser(TokenCursor cursor) {
        this.cursor = cursor;
        this.primaries = new PrimaryParser(cursor, this);
    }

    Expression expression() {
        cursor.enter();
        Expression value = either();
        while (cursor.takeName("if")) {
            Expression condition = either();
            Expression otherwise = cursor.takeName("else")
                    ? expression()
                    : new Expression.Literal(new Undefined("the value of an if without else"));
            value = new Expression.Conditional(condition, value, otherwise);
        }
        cursor.leave();
        return value;
    }

    /** An expression, or several with commas between, which are a tuple. */
    Expression tuple() {
        return tupleFrom(expression());
    }

    /** The same without a condition after it: what a loop goes over. */
    Expression loopItems() {
        return tupleFrom(either());
    }

    private Expression tupleFrom(Expression first) {
        if (!cursor.isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (cursor.takeOperator(",")
                && !cursor.isOperator(")")
                && cursor.peek().kind() != Token.Kind.BLOCK_END) {
            items.add(expression());
        }
        return new Expression.TupleOf(items);
    }

    PrimaryParser primaries() {
        return primaries;
    }

    private Expression either() {
        Expression left = both();
        while (cursor.takeName("or")) {
            left = new Expression.Either(true, left, both());
        }
        return left;
    }

    private Expression both() {
        Expression left = negation();
        while (cursor.takeName("and")) {
            left = new Expression.Either(false, left, negation());
        }
        return left;
    }

    private Expression negation() {
        if (!cursor.takeName("not")) {
            return comparison();
        }
        cursor.enter();
        Expression operand = negation();
        cursor.leave();
        return new Expression.Not(operand);
    }

    private Expression comparison() {
        Expression first = sum();
        List<Comparison> rest = new ArrayList<>();
        for (String operator = comparator(); !operator.isEmpty(); operator = comparator()) {
            rest.add(new Comparison(operator, sum()));
        }
        return rest.isEmpty() ? first : new Expression.Compared(first, rest);
    }

    private String comparator() {
        Token token = cursor.peek();
        if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
            return cursor.take().text();
        }
        if (cursor.takeName("in")) {
            return "in";
        }
        if (cursor.isName("not") && cursor.peekSecond().is(Token.Kind.NAME, "in")) {
            cursor.take();
            cursor.take();
            return "not in";
        }
        return "";
    }

    private Expression sum() {
        Expression left = concatenation();
        while (cursor.isOperator("+") || cursor.isOperator("-")) {
            left = new Expression.Arithmetic(cursor.take().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (cursor.takeOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? first : new Expression.Concatenation(parts);
    }

    private Expression product() {
        Expression left = power();
        while (cursor.isOperator("*") || cursor.isOperator("/") || cursor.isOperator("//") || cursor.isOperator("%")) {
            left = new Expression.Arithmetic(cursor.take().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = primaries.filtered(signed());
        while (cursor.takeOperator("**")) {
            left = new Expression.Arithmetic("**", left, primaries.filtered(signed()));
        }
        return left;
    }

    private Expression signed() {
        if (!cursor.isOperator("-") && !cursor.isOperator("+")) {
            return primaries.postfixed(primaries.primary());
        }
        String sign = cursor.take().text();
        cursor.enter();
        Expression operand = signed();
        cursor.leave();
        return primaries.postfixed(new Expression.Signed(sign, operand));
    }
}
