// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import java.nio.ByteBuffer;
import reflux.model.engine.DataType;

/**
 * One tensor of a score in host memory.
 *
 * @param rows N, one for each of the teacher's tokens
 * @param width elements of a row; 1 for one number a token
 * @param values [N, width] row-major, little-endian; nobody writes them after assembly
 */
public record ScoreTensor(DataType type, int rows, int width, ByteBuffer values) {
    /** Names in the contract. */
    public static final String HIDDEN = "hidden";

    public static final String LOG_PROBS = "log_probs";
    public static final String TOP_IDS = "top_ids";
    public static final String TOP_LOG_PROBS = "top_log_probs";
    public static final String TAIL_LOG_MASS = "tail_log_mass";
}
