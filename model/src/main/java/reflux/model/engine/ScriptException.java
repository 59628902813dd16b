// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

/** A TorchScript resource does not compile, or one of its methods failed; the message names resource and line. */
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ScriptException(String message, Throwable cause) {
        super(message, cause);
    }
}
