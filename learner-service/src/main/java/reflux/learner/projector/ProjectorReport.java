// SPDX-License-Identifier: Apache-2.0
package reflux.learner.projector;

/**
 * What became of the initialisation.
 *
 * @param columns tokens used
 * @param studentDimensions width d of the student's hidden states
 * @param studentDropped directions of the student's head that were cut off as too weak
 * @param teacherDimensions width D of the teacher's hidden states
 * @param teacherDropped directions of the teacher's head that were cut off
 * @param relativeResidual ‖W_t2s B − A‖ / ‖A‖ in the Frobenius norm: 0 if the student's head can express all teacher logits
 */
public record ProjectorReport(
        int columns,
        int studentDimensions,
        int studentDropped,
        int teacherDimensions,
        int teacherDropped,
        double relativeResidual) {}
