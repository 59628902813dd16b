// SPDX-License-Identifier: Apache-2.0
package reflux.deploy;

import picocli.CommandLine;
import reflux.deploy.verb.RefluxCommand;

/** Where the launcher script starts. */
public final class RefluxMain {
    private RefluxMain() {}

    public static void main(String[] arguments) {
        CommandLine line = RefluxCommand.create();
        System.exit(line.execute(arguments));
    }
}
