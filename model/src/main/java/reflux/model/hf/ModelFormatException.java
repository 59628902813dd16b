// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

/** A model directory that cannot be used. The message names the file, the key, its value and what would do. */
public final class ModelFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    ModelFormatException(String message) {
        super(message);
    }

    ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
