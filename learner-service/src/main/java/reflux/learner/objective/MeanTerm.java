// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/**
 * One mean of a loss: a sum over tokens or groups, divided by their number in the step. Use on one engine thread, outside of
 * recording.
 */
interface MeanTerm extends AutoCloseable {

    /** The term's name in metrics. */
    String name();

    /** First pass: what is summed over. */
    Part prepare(LossBatch batch);

    @Override
    void close();

    /** A micro-batch between the passes; holds no tensors. */
    interface Part {

        /** What this micro-batch adds to the denominator. */
        long count();

        /** Second pass: pushes {@code share} times the gradient of the sum, and returns the sum. */
        double evaluate(StudentPass student, LossBatch batch, double share);
    }
}
