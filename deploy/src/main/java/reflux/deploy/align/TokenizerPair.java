// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.align;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import reflux.learner.align.Alignment;
import reflux.learner.align.PublishedScan;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenPair;
import reflux.learner.align.TokenSpans;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenKind;
import reflux.model.text.TokenizedBytes;

/** Two tokenizers, and how their tokens pair up on given texts, taken as responses without an end. */
public final class TokenizerPair implements AutoCloseable {
    private final Side teacher;
    private final Side student;

    private TokenizerPair(Side teacher, Side student) {
        this.teacher = teacher;
        this.student = student;
    }

    /** Opens two directories with a tokenizer.json; weights are not needed. */
    public static TokenizerPair open(Path teacher, Path student) {
        Side ofTeacher = Side.open(teacher);
        try {
            return new TokenizerPair(ofTeacher, Side.open(student));
        } catch (RuntimeException e) {
            ofTeacher.tokenizer.close();
            throw e;
        }
    }

    /** Aligns a UTF-8 file, in pieces of the length of responses. */
    public TextAlignment measure(Path file) throws IOException {
        TextAlignment sum = TextAlignment.none(file.getFileName().toString());
        for (String piece : TextPieces.of(Files.readString(file))) {
            sum = sum.plus(measure(piece));
        }
        return sum;
    }

    TextAlignment measure(String piece) {
        byte[] utf8 = piece.getBytes(StandardCharsets.UTF_8);
        Reading ofTeacher = teacher.read(utf8);
        Reading ofStudent = student.read(utf8);
        Alignment exact = TokenAligner.align(ofTeacher.spans, ofStudent.spans);
        List<TokenPair> published = PublishedScan.align(ofTeacher.pieces, "", ofStudent.pieces, "");
        boolean isExact =
                ofTeacher.spans.coveredBytes() == utf8.length && ofStudent.spans.coveredBytes() == utf8.length;
        return new TextAlignment(
                "",
                1,
                utf8.length,
                ofTeacher.textTokens(),
                ofStudent.textTokens(),
                published.size(),
                published.stream().mapToLong(pair -> length(ofStudent, pair)).sum(),
                published.stream()
                        .filter(pair -> !haveSameSpan(ofTeacher.spans, ofStudent.spans, pair))
                        .count(),
                exact.stats().exactPairs(),
                exact.stats().exactBytes(),
                exact.groups().stream().filter(group -> !group.isExactPair()).count(),
                exact.stats().groupedTokens(),
                isExact ? 1 : 0);
    }

    private static int length(Reading student, TokenPair pair) {
        return student.spans.end(pair.student()) - student.spans.start(pair.student());
    }

    private static boolean haveSameSpan(TokenSpans teacher, TokenSpans student, TokenPair pair) {
        return teacher.start(pair.teacher()) == student.start(pair.student())
                && teacher.end(pair.teacher()) == student.end(pair.student());
    }

    @Override
    public void close() {
        teacher.tokenizer.close();
        student.tokenizer.close();
    }

    /** A piece as one tokenizer cuts it: where its tokens are, and how they are spelled. */
    private record Reading(TokenSpans spans, List<String> pieces) {
        long textTokens() {
            return IntStream.range(0, spans.size())
                    .filter(i -> spans.kind(i) == TokenKind.TEXT)
                    .count();
        }
    }

    /** One of the two. */
    private record Side(TextTokenizer tokenizer, PieceSpellings spellings) {
        static Side open(Path model) {
            return new Side(TextTokenizer.load(model), PieceSpellings.read(model));
        }

        Reading read(byte[] utf8) {
            TokenizedBytes tokens = tokenizer.tokenize(utf8);
            TokenSpans spans = TokenSpans.tokenized(
                    tokenizer.vocabulary(),
                    tokens.ids().toArray(),
                    tokens.ends().toArray(),
                    tokens.coveredBytes());
            return new Reading(spans, spellings.of(tokens.ids()));
        }
    }
}
