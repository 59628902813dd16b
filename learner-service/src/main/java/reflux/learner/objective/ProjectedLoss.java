// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.loss.DualSpaceLoss;
import reflux.learner.loss.LossSettings;
import reflux.learner.loss.LossTerms;
import reflux.learner.loss.Targets;
import reflux.learner.loss.Term;
import reflux.learner.loss.TermCounts;
import reflux.learner.projector.Projector;
import reflux.learner.projector.ProjectorReport;
import reflux.learner.projector.ProjectorSettings;
import reflux.model.decoder.Parameter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** {@link DualSpaceLoss} with the projector that it trains. */
final class ProjectedLoss implements ObjectiveLoss {
    private static final Logger log = LoggerFactory.getLogger(ProjectedLoss.class);
    private static final String GOLD = "gold";
    private static final String PAIRS = "pairs";
    private static final String KEPT = "kept";
    private static final String AGREED = "agreed";

    private final LossSite site;
    private final LossSettings settings;
    private final Projector projector;
    private final DualSpaceLoss loss;
    private final boolean isHeadTrained; // of a frozen head the map to the teacher stays the same

    ProjectedLoss(LossSite site, LossSettings settings, ProjectorSettings projector) {
        this.site = site;
        this.settings = settings;
        this.isHeadTrained = site.heads().studentGradient_Vd().size(0) > 0;
        this.projector = Projector.initialise(
                site.engine(), site.heads().student_Vd(), site.heads().teacher_WD(), site.map(), projector);
        this.loss = DualSpaceLoss.load(site.engine(), settings, site.map());
        ProjectorReport report = this.projector.report();
        log.info(
                "projector initialised columns={} studentDirections={} dropped={} teacherDirections={} dropped={} residual={}",
                report.columns(),
                report.studentDimensions(),
                report.studentDropped(),
                report.teacherDimensions(),
                report.teacherDropped(),
                report.relativeResidual());
    }

    @Override
    public void beginStep(long step) {
        loss.beginStep();
        if (isHeadTrained) {
            projector.refreshIfDue(step, site.heads().student_Vd());
        }
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(projector.teacherToStudent());
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        return new Micro(loss.target(site.heads(), projector, batch.hidden_MD(), batch.pairs(), batch.goldIds()));
    }

    private final class Micro implements Prepared {
        private final Targets targets;

        Micro(Targets targets) {
            this.targets = targets;
        }

        @Override
        public Tally tally() {
            TermCounts counts = targets.counts();
            return new Tally(Map.of(
                    GOLD, (double) counts.gold(),
                    PAIRS, (double) counts.pairs(),
                    KEPT, (double) counts.kept(),
                    AGREED, (double) counts.agreed()));
        }

        @Override
        public Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
            TermCounts all = new TermCounts(step.count(GOLD), step.count(PAIRS), step.count(KEPT), step.count(AGREED));
            LossTerms own = loss.evaluate(
                    site.heads(), projector, student.rows_Nd(), batch.hidden_MD(), targets, all, student.gradient_Nd());
            return terms(own, all);
        }

        private Terms terms(LossTerms own, TermCounts all) {
            TermCounts counts = own.counts();
            return new Terms(
                    Map.of(
                            "ce", own.ce(),
                            "t2s_ce", own.t2sCe(),
                            "t2s_kd", own.t2sKd(),
                            "s2t_kd", own.s2tKd(),
                            "s2t_agreement", own.s2tAgreement(),
                            "t2s_agreement", new Term(counts.agreed(), counts.kept()),
                            "mapping_drop", new Term(counts.pairs() - counts.kept(), counts.pairs())),
                    settings.share(own, all));
        }
    }

    @Override
    public List<TensorInfo> infos() {
        return projector.infos();
    }

    @Override
    public ByteBuffer bytes(String name) {
        return projector.bytes(name);
    }

    @Override
    public void restore(TensorSource source) {
        projector.restore(source);
    }

    @Override
    public void close() {
        loss.close();
        projector.close();
    }
}
