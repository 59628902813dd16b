// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/** A micro-batch of which the first pass only counts tokens; the maths is all in the second. */
record CountedBatch(Tally tally, SecondPass second) implements ObjectiveLoss.Prepared {

    /** As {@link ObjectiveLoss.Prepared#evaluate}. */
    interface SecondPass {
        Terms evaluate(StudentPass student, LossBatch batch, Tally step);
    }

    @Override
    public Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
        return second.evaluate(student, batch, step);
    }
}
