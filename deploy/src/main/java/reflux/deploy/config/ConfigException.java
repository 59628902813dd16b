// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.config;

/** The configuration cannot be used; the message names place, key, value and remedy. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
