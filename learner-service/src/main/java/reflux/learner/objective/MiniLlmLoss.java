// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import java.util.List;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Term;
import reflux.learner.policy.PpoClip;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * The loss of {@link MiniLlm}: the clipped surrogate over sampled tokens, a mean over them, and the exact KL(q‖p) of each scored
 * position, a mean over those. What a token earned is fixed by who sampled it and comes from the first pass; importance weight,
 * gradient and exact KL are of the student as it is now, so a stale sample is neither trusted too far nor compared with an old
 * student. Given responses have no sampler and take part in the exact KL only.
 */
final class MiniLlmLoss implements ObjectiveLoss {
    private static final int CHUNK_ROWS = 1024;
    private static final String SCORED = "scored_tokens";

    private final MiniLlm settings;
    private final LossSite site;
    private final GoldCrossEntropy gold;
    private final Script script;
    private final Scope scope;

    MiniLlmLoss(MiniLlm settings, LossSite site) {
        Engine engine = site.engine();
        this.settings = settings;
        this.site = site;
        this.gold = new GoldCrossEntropy(engine, settings.labelSmoothing());
        this.script = Script.load(
                engine,
                MiniLlmLoss.class,
                "/reflux/learner/loss/distribution.py",
                "/reflux/learner/loss/reverse_kl.py",
                "/reflux/learner/loss/divergence.py",
                "minillm.py");
        this.scope = engine.scope().child();
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        List<Response> scored = batch.responses().stream()
                .filter(response -> response.score().isPresent())
                .toList();
        VisitedTokens tokens = VisitedTokens.of(scored);
        addTeacher(tokens, scored, batch);
        Tally tally = gold.tally(batch).and(SCORED, tokens.size());
        int start = 0;
        for (Response response : scored) {
            int end = start + response.tokens().size();
            if (!response.logProbs().isEmpty()) {
                double[] credit = settings.credit()
                        .of(settings.rewards()
                                .of(
                                        Arrays.copyOfRange(tokens.teacher, start, end),
                                        Arrays.copyOfRange(tokens.old, start, end)));
                System.arraycopy(credit, 0, tokens.credit, start, credit.length);
                tally = tally.plus(CreditTally.of(credit));
            }
            start = end;
        }
        return new Visited(tokens, tally);
    }

    /** Fills in ln p: from the teacher's states, or as it was sent. */
    private void addTeacher(VisitedTokens tokens, List<Response> scored, LossBatch batch) {
        if (!settings.hasSingleStep()) {
            int start = 0;
            for (Response response : scored) {
                Floats numbers = sent(response);
                for (int t = 0; t < numbers.size(); t++) {
                    tokens.teacher[start + t] = numbers.get(t);
                }
                start += numbers.size();
            }
            return;
        }
        for (Chunk chunk : Chunk.of(tokens.size(), CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                Tensor logits_CW = batch.teacherLogits(site, each, chunk.cut(tokens.teacherRows));
                double[] found = logProbs(each, logits_CW, chunk.cut(tokens.ids));
                System.arraycopy(found, 0, tokens.teacher, chunk.start(), found.length);
            }
        }
    }

    private static Floats sent(Response response) {
        ScoreTensor logProbs = response.score().orElseThrow().tensors().get(ScoreTensor.LOG_PROBS);
        if (logProbs == null) {
            throw new IllegalStateException("the score of " + response.id() + " has no " + ScoreTensor.LOG_PROBS);
        }
        return Floats.of(logProbs.values());
    }

    /** ln of the tokens' probabilities, without rows of the teacher's head that the student's has not. */
    private double[] logProbs(Scope each, Tensor logits, int[] ids) {
        long limit = site.heads().student_Vd().size(0);
        return script.call(each, "log_prob", logits, each.ints(ids, ids.length), limit)
                .doubles();
    }

    private Terms evaluate(VisitedTokens tokens, StudentPass student, LossBatch batch, Tally step) {
        double ratio = settings.kdRatio();
        double policyShare = step.share(ratio, CreditTally.TOKENS);
        double exactShare = settings.hasSingleStep() ? step.share(ratio, SCORED) : 0;
        double[] advantages = CreditTally.advantages(tokens.credit, settings.whitening(), step);
        PolicySums sums = new PolicySums();
        double exact = 0;
        for (Chunk chunk : Chunk.of(tokens.size(), CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                int[] rows = chunk.cut(tokens.studentRows);
                Tensor logits_CV = student.logits(each, rows);
                Tensor gradient_CV = policy(each, chunk, tokens, advantages, logits_CV, policyShare, sums);
                if (settings.hasSingleStep()) {
                    Tensor teacher_CW = batch.teacherLogits(site, each, chunk.cut(tokens.teacherRows));
                    exact += script.call(
                                    each,
                                    "single_step",
                                    logits_CV,
                                    teacher_CW,
                                    settings.temperature(),
                                    exactShare,
                                    gradient_CV)
                            .item();
                }
                student.push(rows, gradient_CV);
            }
        }
        Terms terms = gold.evaluate(student, batch, step, 1 - ratio).plus(sums.terms(policyShare));
        return settings.hasSingleStep()
                ? terms.plus(Terms.of("single_step", new Term(exact, tokens.size()), exact * exactShare))
                : terms;
    }

    /** The surrogate's gradient [C, V] of a chunk. */
    private Tensor policy(
            Scope each,
            Chunk chunk,
            VisitedTokens tokens,
            double[] advantages,
            Tensor logits_CV,
            double share,
            PolicySums sums) {
        int[] ids = chunk.cut(tokens.ids);
        double[] live = logProbs(each, logits_CV, ids);
        double[] slopes = new double[ids.length];
        for (int i = 0; i < ids.length; i++) {
            int token = chunk.start() + i;
            if (tokens.isSampled[token]) {
                PpoClip.Move move = settings.clip().move(advantages[token], live[i], tokens.behaviour[token]);
                sums.add(move, tokens.teacher[token], tokens.old[token], live[i]);
                slopes[i] = move.slope() * share;
            }
        }
        return script.call(
                each, "log_prob_gradient", logits_CV, each.ints(ids, ids.length), each.doubles(slopes, slopes.length));
    }

    @Override
    public void close() {
        scope.close();
        script.close();
        gold.close();
    }

    /** A micro-batch whose tokens have their credit. */
    private final class Visited implements Prepared {
        private final VisitedTokens tokens;
        private final Tally tally;

        Visited(VisitedTokens tokens, Tally tally) {
            this.tokens = tokens;
            this.tally = tally;
        }

        @Override
        public Tally tally() {
            return tally;
        }

        @Override
        public Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
            return MiniLlmLoss.this.evaluate(tokens, student, batch, step);
        }
    }
}
