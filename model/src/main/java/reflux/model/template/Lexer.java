// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.List;

/** Splits a template into tokens, with white space as transformers sets Jinja up: trim_blocks and lstrip_blocks. */
final class Lexer {
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        char after = '+'; // how the last tag treats what follows it: '-' strips, '+' keeps, 'n' drops one newline
        while (position < source.length()) {
            int tag = nextTag(position);
            int end = tag < 0 ? source.length() : tag;
            data(after, tag, end);
            if (tag < 0) {
                break;
            }
            after = tag(tag);
        }
        tokens.add(new Token(Token.Kind.END, "", source.length()));
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void data(char after, int tag, int end) {
        int from = position;
        if (after == 'n' && from < end && source.charAt(from) == '\n') {
            from++;
        }
        while (after == '-' && from < end && isSpace(source.charAt(from))) {
            from++;
        }
        int to = end;
        char before = tag >= 0 && tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        if (before == '-') {
            while (to > from && isSpace(source.charAt(to - 1))) {
                to--;
            }
        } else if (tag >= 0 && before != '+' && source.charAt(tag + 1) != '{') {
            to = Math.max(from, startOfLine(tag, end));
        }
        if (to > from) {
            tokens.add(new Token(Token.Kind.DATA, source.substring(from, to), from));
        }
    }

    /** Where the blanks before a tag begin if nothing else stands before it in its line; else {@code end}. */
    private int startOfLine(int tag, int end) {
        int i = tag;
        while (i > 0 && source.charAt(i - 1) != '\n' && isSpace(source.charAt(i - 1))) {
            i--;
        }
        return i == 0 || source.charAt(i - 1) == '\n' ? i : end;
    }

    private char tag(int start) {
        char kind = source.charAt(start + 1);
        position = start + 2;
        if (position < source.length() && "-+".indexOf(source.charAt(position)) >= 0) {
            position++;
        }
        if (kind == '#') {
            int end = source.indexOf("#}", position);
            if (end < 0) {
                throw new TemplateException("the chat template has a comment without end at character " + start);
            }
            position = end + 2;
            char last = source.charAt(end - 1);
            return last == '-' || last == '+' ? last : 'n';
        }
        boolean block = kind == '%';
        tokens.add(new Token(
                block ? Token.Kind.BLOCK_START : Token.Kind.PRINT_START, source.substring(start, start + 2), start));
        char sign = new ExpressionLexer(source, tokens).until(position, block ? "%}" : "}}");
        Token close = tokens.get(tokens.size() - 1);
        position = close.offset() + close.text().length();
        return sign != 'n' || block ? sign : '+';
    }

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }
}
