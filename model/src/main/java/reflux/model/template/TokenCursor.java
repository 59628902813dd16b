// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;

/** Where a parser stands in the tokens of a template. */
final class TokenCursor {
    private static final int MAX_DEPTH = 100;

    private final List<Token> tokens;
    private int next;
    private int depth;

    TokenCursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(next);
    }

    Token peekSecond() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token take() {
        Token token = tokens.get(next);
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    boolean isOperator(String operator) {
        return peek().is(Token.Kind.OPERATOR, operator);
    }

    boolean isName(String name) {
        return peek().is(Token.Kind.NAME, name);
    }

    boolean takeOperator(String operator) {
        boolean found = isOperator(operator);
        next += found ? 1 : 0;
        return found;
    }

    boolean takeName(String name) {
        boolean found = isName(name);
        next += found ? 1 : 0;
        return found;
    }

    void expectOperator(String operator) {
        if (!takeOperator(operator)) {
            throw peek().unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!takeName(name)) {
            throw peek().unexpected("'" + name + "'");
        }
    }

    String expect(Token.Kind kind) {
        if (peek().kind() != kind) {
            throw peek().unexpected(kind == Token.Kind.NAME ? "a name" : "the end of the tag");
        }
        return take().text();
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new TemplateException("the chat template's source nests deeper than " + MAX_DEPTH + " levels");
        }
    }

    void leave() {
        depth--;
    }
}
