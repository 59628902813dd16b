// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

/**
 * A place in the order of the file prompts.
 *
 * @param epoch passes over the files that are complete
 * @param position prompts of this pass that are given out
 * @param generation rollouts of the next prompt that are given out
 */
public record Cursor(int epoch, int position, int generation) {
    public static final Cursor START = new Cursor(0, 0, 0);

    public Cursor {
        if (epoch < 0 || position < 0 || generation < 0) {
            throw new IllegalArgumentException(
                    "cursor must not be negative, was " + epoch + "/" + position + "/" + generation);
        }
    }
}
