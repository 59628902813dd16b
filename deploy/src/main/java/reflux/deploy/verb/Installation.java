// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.nio.file.Path;

/** Where this program is installed: the directory of the launcher script, which passes it on. */
final class Installation {
    private Installation() {}

    /** The {@code deploy} directory. */
    static Path home() {
        return Path.of(System.getProperty("reflux.home", "deploy"))
                .toAbsolutePath()
                .normalize();
    }
}
