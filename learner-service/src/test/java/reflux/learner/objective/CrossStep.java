// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenSpans;
import reflux.learner.ledger.Origin;
import reflux.learner.loss.Heads;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/** Steps of an objective over replies in two vocabularies. Close it on its engine thread. */
final class CrossStep implements AutoCloseable {
    final LossSite site;
    final double[][] studentHead;
    final double[][] teacherHead;
    private final DataType type;
    private final CrossWords words;
    private final Scope scope;
    private final HeadMaths maths;
    private final Tensor wholeGradient;

    /** Terms of a whole step, and the gradients of each reply's rows, flat, and of the head. */
    record Result(Terms terms, List<double[]> rows, double[] head) {}

    CrossStep(Engine engine, DataType type, CrossWords words, double[][] studentHead, double[][] teacherHead) {
        this(engine, type, words, studentHead, teacherHead, 0, 0);
    }

    /** With rows of padding behind the heads. */
    CrossStep(
            Engine engine,
            DataType type,
            CrossWords words,
            double[][] studentHead,
            double[][] teacherHead,
            int studentPadding,
            int teacherPadding) {
        this.type = type;
        this.words = words;
        this.studentHead = studentHead;
        this.teacherHead = teacherHead;
        this.scope = engine.scope().child();
        this.maths = new HeadMaths(engine);
        Tensor head = tensor(PlainMaths.padded(studentHead, studentPadding), studentHead[0].length);
        this.wholeGradient = scope.zeros(type, head.shape());
        this.site = LossSite.of(
                engine,
                new Heads(
                        head,
                        wholeGradient,
                        tensor(PlainMaths.padded(teacherHead, teacherPadding), teacherHead[0].length)),
                maths,
                words.studentVocabulary(),
                words.teacherVocabulary(),
                Optional.empty());
    }

    /** Small vocabularies and random heads, with padding that the fields here do not show. */
    static CrossStep small(Engine engine, DataType type) {
        CrossWords words = CrossWords.small();
        return new CrossStep(
                engine,
                type,
                words,
                PlainMaths.gaussian(21, words.student().size(), words.studentWidth()),
                PlainMaths.gaussian(22, words.teacher().size(), words.teacherWidth()),
                2,
                1);
    }

    /** The gradient of the student's head with that of its padding rows at the end. */
    double[] wholeGradient() {
        return wholeGradient.doubles();
    }

    /** Takes the student's head anew from {@link #studentHead}. */
    CrossStep withHead() {
        try (Scope step = scope.child()) {
            Tensor head = tensor(step, studentHead, words.studentWidth());
            site.engine().copy(head, site.heads().student_Vd());
        }
        return this;
    }

    Result run(ObjectiveLoss loss, List<CrossReply> replies) {
        return run(loss, 0, List.of(replies));
    }

    /** Each list is a micro-batch; {@code gap} rows that nothing is said about stand before each reply on both sides. */
    Result run(ObjectiveLoss loss, int gap, List<List<CrossReply>> parts) {
        try (Scope step = scope.child()) {
            Tensor headGradient = site.heads().studentGradient_Vd();
            site.engine().copy(step.zeros(type, headGradient.shape()), headGradient);
            loss.beginStep(0);
            List<LossBatch> batches = new ArrayList<>();
            List<ObjectiveLoss.Prepared> prepared = new ArrayList<>();
            Tally tally = Tally.NONE;
            for (List<CrossReply> part : parts) {
                batches.add(batch(step, part, gap));
                prepared.add(loss.prepare(batches.get(batches.size() - 1)));
                tally = tally.plus(prepared.get(prepared.size() - 1).tally());
            }
            Terms terms = Terms.NONE;
            List<double[]> rows = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                double[][] states =
                        gapped(parts.get(i).stream().map(CrossReply::states).toList(), gap);
                StudentPass pass = new StudentPass(site, step, tensor(step, states, words.studentWidth()));
                terms = terms.plus(prepared.get(i).evaluate(pass, batches.get(i), tally));
                double[] all = pass.gradient_Nd().doubles();
                for (Response response : batches.get(i).responses()) {
                    int start = response.studentRow() * words.studentWidth();
                    int size = response.tokens().size() * words.studentWidth();
                    rows.add(Arrays.copyOfRange(all, start, start + size));
                }
            }
            return new Result(terms, rows, headGradient.doubles());
        }
    }

    private LossBatch batch(Scope out, List<CrossReply> part, int gap) {
        List<Response> responses = new ArrayList<>();
        int studentRow = 0;
        int teacherRow = 0;
        for (CrossReply reply : part) {
            responses.add(response(reply, studentRow + gap, teacherRow + gap));
            studentRow += gap + reply.tokens().length;
            teacherRow += gap + reply.teacherTokens().length;
        }
        double[][] states = gapped(part.stream().map(CrossReply::teacherStates).toList(), gap);
        return new LossBatch(responses, studentRow, teacherRow, Optional.of(tensor(out, states, words.teacherWidth())));
    }

    private Response response(CrossReply reply, int studentRow, int teacherRow) {
        return new Response(
                "r",
                studentRow,
                TokenIds.of(reply.tokens()),
                0,
                reply.isGold(),
                reply.isGold() ? Origin.DATASET : Origin.FILE,
                Floats.EMPTY,
                Floats.EMPTY,
                0,
                Optional.of(new Response.Scored(
                        teacherRow,
                        TokenIds.of(reply.teacherTokens()),
                        false,
                        TokenAligner.align(
                                TokenSpans.sampled(site.teacher(), reply.teacherTokens()),
                                TokenSpans.sampled(site.student(), reply.tokens())),
                        Map.of())));
    }

    private static double[][] gapped(List<double[][]> states, int gap) {
        List<double[]> rows = new ArrayList<>();
        for (double[][] each : states) {
            rows.addAll(Arrays.asList(PlainMaths.gaussian(99, gap, each[0].length)));
            rows.addAll(Arrays.asList(each));
        }
        return rows.toArray(double[][]::new);
    }

    private Tensor tensor(double[][] rows, int width) {
        return tensor(scope, rows, width);
    }

    private Tensor tensor(Scope out, double[][] rows, int width) {
        return KdVector.tensor(out, type, PlainMaths.flat(rows), rows.length, width);
    }

    @Override
    public void close() {
        scope.close();
        maths.close();
    }
}
