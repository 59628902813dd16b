// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import reflux.model.template.Statement.Branch;
import reflux.model.template.Statement.Captured;
import reflux.model.template.Statement.MacroParameter;

/** Reads the statements of a template. */
final class TemplateParser {
    private final TokenCursor cursor;
    private final ExpressionParser expressions;

    private TemplateParser(List<Token> tokens) {
        this.cursor = new TokenCursor(tokens);
        this.expressions = new ExpressionParser(cursor);
    }

    static List<Statement> parse(String source) {
        return new TemplateParser(Lexer.tokens(source)).block(Set.of());
    }

    /** Up to a tag of one of these names, which is not taken; up to the end if there are none. */
    private List<Statement> block(Set<String> ends) {
        cursor.enter();
        List<Statement> statements = new ArrayList<>();
        while (!isAtEnd(ends)) {
            Token token = cursor.take();
            switch (token.kind()) {
                case DATA -> statements.add(new Statement.Data(Text.of(token.text())));
                case PRINT_START -> {
                    statements.add(new Statement.Print(expressions.tuple()));
                    cursor.expect(Token.Kind.PRINT_END);
                }
                case BLOCK_START -> statements.add(statement(cursor.take()));
                default -> throw token.unexpected("one of " + new TreeSet<>(ends));
            }
        }
        cursor.leave();
        return List.copyOf(statements);
    }

    private boolean isAtEnd(Set<String> ends) {
        return switch (cursor.peek().kind()) {
            case BLOCK_START -> ends.contains(cursor.peekSecond().text());
            case END -> ends.isEmpty();
            default -> false;
        };
    }

    private List<Statement> body(String end) {
        cursor.expect(Token.Kind.BLOCK_END);
        List<Statement> body = block(Set.of(end));
        tag(end);
        return body;
    }

    private void tag(String name) {
        cursor.expect(Token.Kind.BLOCK_START);
        cursor.expectName(name);
        cursor.expect(Token.Kind.BLOCK_END);
    }

    private Statement statement(Token name) {
        return switch (name.text()) {
            case "if" -> branches();
            case "for" -> loop();
            case "set" -> set();
            case "macro" -> macro();
            case "generation" -> new Statement.Generation(body("endgeneration"));
            case "filter" ->
                new Statement.FilterBlock(
                        captured(expressions.primaries().filter(new Expression.Name(Captured.BODY)), "endfilter"));
            case "break" -> jump(Flow.BREAK);
            case "continue" -> jump(Flow.CONTINUE);
            default ->
                throw new TemplateException("the chat template has the tag '" + name.text() + "' at character "
                        + name.offset() + ", which is not supported");
        };
    }

    private Statement jump(Flow flow) {
        cursor.expect(Token.Kind.BLOCK_END);
        return new Statement.Jump(flow);
    }

    private Statement branches() {
        List<Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        do {
            Expression condition = expressions.tuple();
            cursor.expect(Token.Kind.BLOCK_END);
            branches.add(new Branch(condition, block(Set.of("elif", "else", "endif"))));
            cursor.expect(Token.Kind.BLOCK_START);
        } while (cursor.takeName("elif"));
        if (cursor.takeName("else")) {
            cursor.expect(Token.Kind.BLOCK_END);
            otherwise = block(Set.of("endif"));
            cursor.expect(Token.Kind.BLOCK_START);
        }
        cursor.expectName("endif");
        cursor.expect(Token.Kind.BLOCK_END);
        return new Statement.If(branches, otherwise);
    }

    private Statement loop() {
        Target target = target();
        cursor.expectName("in");
        Expression items = expressions.loopItems();
        Expression condition = cursor.takeName("if") ? expressions.expression() : new Expression.Literal(true);
        cursor.expect(Token.Kind.BLOCK_END);
        List<Statement> body = block(Set.of("else", "endfor"));
        List<Statement> otherwise = List.of();
        if (cursor.peekSecond().text().equals("else")) {
            tag("else");
            otherwise = block(Set.of("endfor"));
        }
        tag("endfor");
        return new Statement.For(target, items, condition, body, otherwise);
    }

    private Target target() {
        boolean bracket = cursor.takeOperator("(");
        List<Target.Place> places = new ArrayList<>();
        do {
            String name = cursor.expect(Token.Kind.NAME);
            places.add(new Target.Place(name, cursor.takeOperator(".") ? cursor.expect(Token.Kind.NAME) : ""));
        } while (cursor.takeOperator(","));
        if (bracket) {
            cursor.expectOperator(")");
        }
        return new Target(List.copyOf(places));
    }

    private Statement set() {
        Target target = target();
        if (cursor.takeOperator("=")) {
            Expression value = expressions.tuple();
            cursor.expect(Token.Kind.BLOCK_END);
            return new Statement.Set(target, value);
        }
        return new Statement.SetBlock(target, captured(new Expression.Name(Captured.BODY), "endset"));
    }

    private Captured captured(Expression body, String end) {
        Expression filters = body;
        while (cursor.takeOperator("|")) {
            filters = expressions.primaries().filter(filters);
        }
        return new Captured(body(end), filters);
    }

    private Statement macro() {
        String name = cursor.expect(Token.Kind.NAME);
        cursor.expectOperator("(");
        List<MacroParameter> parameters = new ArrayList<>();
        while (!cursor.takeOperator(")")) {
            String parameter = cursor.expect(Token.Kind.NAME);
            Expression otherwise = cursor.takeOperator("=")
                    ? expressions.expression()
                    : new Expression.Literal(new Undefined("parameter '" + parameter + "'"));
            parameters.add(new MacroParameter(parameter, otherwise));
            if (!cursor.isOperator(")")) {
                cursor.expectOperator(",");
            }
        }
        return new Statement.Macro(name, List.copyOf(parameters), body("endmacro"));
    }
}
