// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/**
 * Supervised fine-tuning: cross-entropy with the tokens of given responses, and no teacher. Responses that the student sampled
 * count for nothing.
 *
 * @param labelSmoothing what each target gives to all other tokens together
 */
record Sft(double labelSmoothing) implements Objective {

    @Override
    public String name() {
        return "sft";
    }

    @Override
    public Needs needs() {
        return Needs.nothing();
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        return new GoldLoss(new GoldCrossEntropy(site.engine(), labelSmoothing));
    }

    /** The cross-entropy alone. */
    private record GoldLoss(GoldCrossEntropy gold) implements ObjectiveLoss {

        @Override
        public Prepared prepare(LossBatch batch) {
            return new CountedBatch(gold.tally(batch), (student, same, step) -> gold.evaluate(student, same, step, 1));
        }

        @Override
        public void close() {
            gold.close();
        }
    }
}
