// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** A chat template that cannot be read, refuses a conversation, or goes past a {@link Bounds bound}. */
public final class TemplateException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    TemplateException(String message) {
        super(message);
    }
}
