// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import java.util.stream.IntStream;
import reflux.learner.align.TokenGroup;
import reflux.learner.loss.Chunk;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * Universal logit distillation (arXiv 2402.12030): Σ_k |q_(k) − p_(k)| of both distributions in descending order, the smaller
 * vocabulary filled up with zeros, over pairs of rows. Temperature 1, as published.
 */
final class UldTerm implements MeanTerm {
    private static final int CHUNK_ROWS = 512;

    private final LossSite site;
    private final Pairing pairing;
    private final Script script;
    private final Scope scope;

    /** Which rows are compared. */
    enum Pairing {
        /** Row i with row i, up to the shorter response, whatever the tokens: as published. */
        POSITIONAL,
        /** Rows that stand at the same byte: of exact pairs, at the beginning of groups, and before both ends. */
        TEXT
    }

    UldTerm(LossSite site, Pairing pairing) {
        this.site = site;
        this.pairing = pairing;
        this.script = Script.load(site.engine(), UldTerm.class, "sorted_distance.py");
        this.scope = site.engine().scope().child();
    }

    @Override
    public String name() {
        return "uld";
    }

    @Override
    public Part prepare(LossBatch batch) {
        IntStream.Builder teacher = IntStream.builder();
        IntStream.Builder student = IntStream.builder();
        for (Response response : batch.responses()) {
            response.score().ifPresent(score -> {
                boolean isPositional = pairing == Pairing.POSITIONAL || score.isSameTokens();
                int shorter = Math.min(response.tokens().size(), score.tokens().size());
                for (int i = 0; i < (isPositional ? shorter : 0); i++) {
                    teacher.add(score.teacherRow() + i);
                    student.add(response.studentRow() + i);
                }
                for (TokenGroup group : isPositional ? List.<TokenGroup>of() : groups(score)) {
                    teacher.add(score.teacherRow() + group.teacher().get(0));
                    student.add(response.studentRow() + group.student().get(0));
                }
            });
        }
        return new Rows(teacher.build().toArray(), student.build().toArray());
    }

    private static List<TokenGroup> groups(Response.Scored score) {
        return RealisedGroup.groups(score.alignment());
    }

    private final class Rows implements Part {
        private final int[] teacher;
        private final int[] student;

        Rows(int[] teacher, int[] student) {
            this.teacher = teacher;
            this.student = student;
        }

        @Override
        public long count() {
            return student.length;
        }

        @Override
        public double evaluate(StudentPass pass, LossBatch batch, double share) {
            double sum = 0;
            for (Chunk chunk : Chunk.of(student.length, CHUNK_ROWS)) {
                try (Scope each = scope.child()) {
                    int[] rows = chunk.cut(student);
                    List<Tensor> found = script.callAll(
                            each,
                            "uld",
                            pass.logits(each, rows),
                            batch.teacherLogits(site, each, chunk.cut(teacher)),
                            share);
                    sum += found.get(0).item();
                    pass.push(rows, found.get(1));
                }
            }
            return sum;
        }
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
