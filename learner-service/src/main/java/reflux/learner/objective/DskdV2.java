// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.loss.LossSettings;
import reflux.learner.loss.Spaces;
import reflux.learner.objective.Needs.Vocabularies;
import reflux.learner.projector.ProjectorSettings;

/** Dual-space distillation with projected hidden states and exact token alignment: DSKDv2. */
record DskdV2(LossSettings loss, ProjectorSettings projector, GroupTerms groups) implements Objective {
    DskdV2(ObjectiveSettings keys) {
        this(
                new LossSettings(
                        keys.kdRatio(),
                        keys.kdTemperature(),
                        keys.divergence(),
                        spaces(keys),
                        keys.t2sAgreement(),
                        LossSettings.CHUNKS_BY_SIZE),
                projector(keys),
                GroupTerms.of(keys));
    }

    private static ProjectorSettings projector(ObjectiveSettings keys) {
        ObjectiveSettings.require(
                keys.topkVocab() == -1 || keys.topkVocab() > 0,
                "topk_vocab",
                keys.topkVocab(),
                "set -1 for all tokens, or a number of tokens");
        ObjectiveSettings.require(
                keys.projectorRtol() >= 0 && keys.projectorRtol() < 1,
                "projector_rtol",
                keys.projectorRtol(),
                "set a number from 0 to below 1");
        return new ProjectorSettings(keys.projectorRtol(), keys.topkVocab(), 1);
    }

    private static Spaces spaces(ObjectiveSettings keys) {
        ObjectiveSettings.require(
                !(keys.onlyStudentSpace() && keys.onlyTeacherSpace()),
                "only_student_space",
                true,
                "set it or only_teacher_space, not both");
        if (keys.onlyStudentSpace()) {
            return Spaces.STUDENT;
        }
        return keys.onlyTeacherSpace() ? Spaces.TEACHER : Spaces.BOTH;
    }

    @Override
    public String name() {
        return "dskd-v2";
    }

    @Override
    public Needs needs() {
        return Needs.hiddenStates(Vocabularies.ANY);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        return groups.addedTo(new ProjectedLoss(site, loss, projector), site);
    }
}
