// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/** Cross-entropy with gold tokens at a weight, alone. */
final class GoldLoss implements ObjectiveLoss {
    private final GoldCrossEntropy crossEntropy;
    private final double weight;

    GoldLoss(LossSite site, double weight, double smoothing) {
        this.crossEntropy = new GoldCrossEntropy(site.engine(), smoothing);
        this.weight = weight;
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        return new Prepared() {
            @Override
            public Tally tally() {
                return crossEntropy.tally(batch);
            }

            @Override
            public Terms evaluate(StudentPass student, LossBatch same, Tally step) {
                return crossEntropy.evaluate(student, same, step, weight);
            }
        };
    }

    @Override
    public void close() {
        crossEntropy.close();
    }
}
