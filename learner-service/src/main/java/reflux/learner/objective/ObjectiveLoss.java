// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.util.List;
import reflux.model.decoder.Parameter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * A loss under training: its scripts, and parameters of its own. A step has two passes over its micro-batches: {@link #prepare}
 * gives the sums that denominators are read from, then {@link Prepared#evaluate} the gradients; so splitting changes nothing.
 * Use on one engine thread, outside of recording.
 */
public interface ObjectiveLoss extends AutoCloseable {

    /** Before the first pass of step {@code step}, counted from 0: what follows the student's weights is brought up to date. */
    default void beginStep(long step) {}

    /** Trained beside the student, with {@code projector_lr}. */
    default List<Parameter> parameters() {
        return List.of();
    }

    /** First pass: what is known of a micro-batch before the student runs. */
    Prepared prepare(LossBatch batch);

    /** The tensors of a checkpoint. */
    default List<TensorInfo> infos() {
        return List.of();
    }

    /** Bytes of one of {@link #infos}, valid while the loss is open and not stepped. */
    default ByteBuffer bytes(String name) {
        throw new IllegalArgumentException("the objective has no tensor " + name);
    }

    /** Takes the tensors of a checkpoint; IllegalArgumentException if one is missing or has another type or shape. */
    default void restore(TensorSource source) {}

    @Override
    void close();

    /** A micro-batch between the passes. Holds no tensors; valid until parameters or the student's head change. */
    interface Prepared {

        /** The sums of this micro-batch alone. */
        Tally tally();

        /**
         * Second pass: pushes this micro-batch's share of the gradient of the step's loss to the student's rows and head, and
         * adds it to the gradients of {@link ObjectiveLoss#parameters}.
         *
         * @param batch the same micro-batch
         * @param step the tallies of the whole step, summed
         * @throws ArithmeticException if a term is infinite or not a number; the gradients are unusable then
         */
        Terms evaluate(StudentPass student, LossBatch batch, Tally step);
    }
}
