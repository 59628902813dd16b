// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Term;
import reflux.learner.objective.LossBatch;
import reflux.learner.objective.LossSite;
import reflux.learner.objective.StudentPass;
import reflux.learner.objective.Terms;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * What is told of every step whatever it trains; all means over chosen rows, at temperature 1. Of the student q alone: its
 * entropy, and the KL of the policy that sampled a token from q by the estimator e^r − 1 − r with r = ln q − ln q_sampler
 * (k3 of Schulman's "Approximating KL divergence"). Where the teacher p sent hidden states, over tokens that both cover: the KL
 * both ways over the tokens that both vocabularies have and one bucket for all others, p's entropy, whether both predict the
 * same, and ln p − ln q of the realised token. No gradients. Use on one engine thread.
 */
final class Diagnostics implements AutoCloseable {
    static final String FORWARD = "kl_forward_per_token";
    static final String REVERSE = "kl_reverse_per_token";
    static final String STUDENT_ENTROPY = "student_entropy";
    static final String TEACHER_ENTROPY = "teacher_entropy";
    static final String AGREEMENT = "top1_agreement";
    /** Of the teacher over the student at realised tokens. */
    static final String LOG_PROB_GAP = "log_prob_gap";
    /** Generator against learner at the same version: numerics alone. */
    static final String SAMPLER_MISMATCH = "sampler_mismatch_kl";
    /** Older versions against the one that is trained. */
    static final String POLICY_DRIFT = "policy_drift_kl";

    static final String BYTE_COVERAGE = "byte_coverage";
    static final String RESPONSE_TOKENS = "response_tokens";
    static final String PROJECTOR_NORM = "projector_norm";
    static final String PROJECTOR_GRAD_NORM = "projector_grad_norm";

    private final LossSite site;
    private final Script script;
    private final Scope scope;
    private final Map<FirstTokens, Maps> maps = new HashMap<>();

    Diagnostics(LossSite site) {
        this.site = site;
        this.script =
                Script.load(site.engine(), Diagnostics.class, "/reflux/learner/loss/distribution.py", "diagnostics.py");
        this.scope = site.engine().scope().child();
    }

    /** The numbers of a micro-batch's chosen rows. */
    Terms measure(StudentPass student, LossBatch batch, RowChoice choice) {
        DiagnosedRows rows = DiagnosedRows.of(batch, choice);
        DiagnosticSums sums = new DiagnosticSums();
        for (Chunk chunk : Chunk.ofLogits(rows.alone().size(), columns())) {
            alone(student, cut(rows.alone(), chunk), sums);
        }
        rows.paired().forEach((first, paired) -> {
            for (Chunk chunk : Chunk.ofLogits(paired.size(), columns())) {
                paired(student, batch, first, cut(paired, chunk), sums);
            }
        });
        return sums.terms();
    }

    private long columns() {
        return Math.max(
                site.heads().student_Vd().size(0), site.heads().teacher_WD().size(0));
    }

    private void alone(StudentPass student, List<DiagnosedRows.Row> rows, DiagnosticSums sums) {
        int count = rows.size();
        try (Scope each = scope.child()) {
            double[] found = script.call(
                            each,
                            "rows",
                            student.logits(each, DiagnosedRows.ints(rows, DiagnosedRows.Row::row)),
                            each.ints(DiagnosedRows.ints(rows, DiagnosedRows.Row::token), count))
                    .doubles();
            for (int i = 0; i < count; i++) {
                sums.own(rows.get(i), found[i], found[count + i]);
            }
        }
    }

    private void paired(
            StudentPass student,
            LossBatch batch,
            FirstTokens first,
            List<DiagnosedRows.Row> rows,
            DiagnosticSums sums) {
        int count = rows.size();
        Maps map = maps.computeIfAbsent(first, this::maps);
        try (Scope each = scope.child()) {
            double[] found = script.call(
                            each,
                            "pairs",
                            student.logits(each, DiagnosedRows.ints(rows, DiagnosedRows.Row::row)),
                            batch.teacherLogits(site, each, DiagnosedRows.ints(rows, DiagnosedRows.Row::teacherRow)),
                            map.studentIds_W(),
                            map.sharedStudent_K(),
                            map.sharedTeacher_K(),
                            each.ints(DiagnosedRows.ints(rows, DiagnosedRows.Row::token), count),
                            each.ints(DiagnosedRows.ints(rows, DiagnosedRows.Row::teacherToken), count))
                    .doubles();
            for (int i = 0; i < count; i++) {
                sums.own(rows.get(i), found[i], found[count + i]);
                sums.add(LOG_PROB_GAP, found[2 * count + i] - found[i]);
                sums.add(TEACHER_ENTROPY, found[3 * count + i]);
                sums.add(FORWARD, found[4 * count + i]);
                sums.add(REVERSE, found[5 * count + i]);
                sums.add(AGREEMENT, found[6 * count + i]);
            }
        }
    }

    /** L2 norms of the loss's own parameters and of their gradients, before these are clipped; nothing without any. */
    Terms norms(List<Parameter> parameters) {
        if (parameters.isEmpty()) {
            return Terms.NONE;
        }
        double values = 0;
        double gradients = 0;
        try (Scope each = scope.child()) {
            for (Parameter parameter : parameters) {
                values += script.call(each, "squares", parameter.value()).item();
                gradients += script.call(each, "squares", parameter.gradient()).item();
            }
        }
        return new Terms(
                Map.of(
                        PROJECTOR_NORM, new Term(Math.sqrt(values), 1),
                        PROJECTOR_GRAD_NORM, new Term(Math.sqrt(gradients), 1)),
                0);
    }

    /** What needs no engine: the share of the bytes that exact pairs cover, and the mean length of the samples. */
    static Terms lengths(AlignmentStats alignment, long tokens, long samples) {
        Terms lengths = Terms.of(RESPONSE_TOKENS, new Term(tokens, samples), 0);
        return alignment.responseBytes() == 0
                ? lengths
                : lengths.plus(Terms.of(BYTE_COVERAGE, new Term(alignment.exactBytes(), alignment.responseBytes()), 0));
    }

    private static List<DiagnosedRows.Row> cut(List<DiagnosedRows.Row> rows, Chunk chunk) {
        return rows.subList(chunk.start(), chunk.start() + chunk.size());
    }

    private Maps maps(FirstTokens first) {
        VocabularyMap map = site.map().reading(first);
        int rows = (int) site.heads().teacher_WD().size(0);
        int shared = map.overlapStudent().size();
        return new Maps(
                scope.ints(map.studentIds(rows), rows),
                scope.ints(map.overlapStudent().toArray(), shared),
                scope.ints(map.overlapTeacher().toArray(), shared));
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }

    /** A vocabulary map on the device: the student's id of each of the teacher's or -1, and the K shared ids of both. */
    private record Maps(Tensor studentIds_W, Tensor sharedStudent_K, Tensor sharedTeacher_K) {}
}
