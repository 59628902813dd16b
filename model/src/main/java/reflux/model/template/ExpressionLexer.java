// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;

/** Splits the inside of one tag into tokens. */
final class ExpressionLexer {
    private static final List<String> OPERATORS = List.of(
            "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(",
            ")", "[", "]", "{", "}");

    private final String source;
    private final List<Token> tokens;
    private int position;
    private int brackets;

    ExpressionLexer(String source, List<Token> tokens) {
        this.source = source;
        this.tokens = tokens;
    }

    /** Adds tokens until the closing one, and says what stood before it: '-', '+' or, for neither, 'n'. */
    char until(int start, String close) {
        position = start;
        while (position < source.length()) {
            char c = source.charAt(position);
            if (Lexer.isSpace(c)) {
                position++;
            } else if (brackets == 0 && source.startsWith(close, position)) {
                return end('n', close);
            } else if (brackets == 0 && (c == '-' || c == '+') && source.startsWith(close, position + 1)) {
                position++;
                return end(c, close);
            } else {
                token(c);
            }
        }
        throw new TemplateException("the chat template has a tag without end at character " + start);
    }

    private char end(char sign, String close) {
        add(close.equals("%}") ? Token.Kind.BLOCK_END : Token.Kind.PRINT_END, position + close.length());
        return sign;
    }

    private void token(char c) {
        if (c == '\'' || c == '"') {
            text(c);
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (Character.isLetter(c) || c == '_') {
            int end = position;
            while (end < source.length() && isNamePart(source.charAt(end))) {
                end++;
            }
            add(Token.Kind.NAME, end);
        } else {
            operator();
        }
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private void add(Token.Kind kind, int end) {
        tokens.add(new Token(kind, source.substring(position, end), position));
        position = end;
    }

    private void number() {
        int end = digits(position);
        Token.Kind kind = Token.Kind.INTEGER;
        if (end + 1 < source.length() && source.charAt(end) == '.' && Character.isDigit(source.charAt(end + 1))) {
            end = digits(end + 1);
            kind = Token.Kind.FLOAT;
        }
        if (end < source.length() && (source.charAt(end) | 32) == 'e') {
            int sign = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0 ? 2 : 1;
            int last = digits(end + sign);
            if (last > end + sign) {
                end = last;
                kind = Token.Kind.FLOAT;
            }
        }
        add(kind, end);
    }

    private int digits(int from) {
        int end = from;
        while (end < source.length() && (Character.isDigit(source.charAt(end)) || source.charAt(end) == '_')) {
            end++;
        }
        return end;
    }

    private void operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                brackets += "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
                add(Token.Kind.OPERATOR, position + operator.length());
                return;
            }
        }
        throw new TemplateException("the chat template has '" + source.charAt(position) + "' at character " + position
                + ", which begins nothing");
    }

    private void text(char quote) {
        int start = position++;
        StringBuilder value = new StringBuilder();
        while (position < source.length() && source.charAt(position) != quote) {
            char c = source.charAt(position++);
            if (c == '\\' && position < source.length()) {
                escape(value);
            } else {
                value.append(c);
            }
        }
        if (position == source.length()) {
            throw new TemplateException("the chat template has a text without end at character " + start);
        }
        position++;
        tokens.add(new Token(Token.Kind.TEXT, value.toString(), start));
    }

    private void escape(StringBuilder value) {
        char c = source.charAt(position++);
        switch (c) {
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'a' -> value.append('\u0007');
            case 'v' -> value.append('\u000b');
            case '\\', '\'', '"' -> value.append(c);
            case '\n' -> {}
            case 'x' -> value.appendCodePoint(hex(2));
            case 'u' -> value.appendCodePoint(hex(4));
            case 'U' -> value.appendCodePoint(hex(8));
            case '0' -> value.append('\0');
            default -> value.append('\\').append(c);
        }
    }

    private int hex(int digits) {
        int start = position;
        position = Math.min(source.length(), start + digits);
        try {
            int value = Integer.parseInt(source.substring(start, position), 16);
            if (Character.isValidCodePoint(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TemplateException("the chat template has a bad escape at character " + start);
    }
}
