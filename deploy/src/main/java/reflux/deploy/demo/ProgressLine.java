// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.io.PrintStream;
import java.util.Locale;
import reflux.v1.StepDone;

/** Shows where a run is: one line that is overwritten on a terminal, else a line every few seconds. Thread-safe. */
public final class ProgressLine {
    private static final long PLAIN_NANOS = 10_000_000_000L;
    private static final String ERASE = "\r\u001b[K";

    private final PrintStream out;
    private final DemoSettings.Console console;
    private long shown;
    private boolean isOpen;

    public ProgressLine(PrintStream out, DemoSettings.Console console) {
        this.out = out;
        this.console = console;
        this.shown = System.nanoTime() - PLAIN_NANOS;
    }

    /** One step is done. */
    public synchronized void show(StepDone step) {
        if (console == DemoSettings.Console.TERMINAL) {
            out.print(ERASE + text(step));
            out.flush();
            isOpen = true;
        } else if (System.nanoTime() - shown >= PLAIN_NANOS) {
            shown = System.nanoTime();
            out.println(text(step));
        }
    }

    /** Something else is to be said on a line of its own. */
    public synchronized void say(String text) {
        if (isOpen) {
            out.print(ERASE);
        }
        isOpen = false;
        out.println(text);
    }

    /** Leaves the last state standing. */
    public synchronized void end() {
        if (isOpen) {
            out.println();
        }
        isOpen = false;
    }

    static String text(StepDone step) {
        return String.format(
                Locale.ROOT,
                "step %-4d loss %.3f  KL/token %.3f  %5.0f tokens/s  staleness %.1f (max %d)  paired %.0f%%  left %s",
                step.getStep(),
                step.getLoss(),
                step.getKlPerToken(),
                step.getTokensPerSecond(),
                step.getStalenessMean(),
                step.getStalenessMax(),
                100 * step.getAlignRatio(),
                clock(step.getSecondsLeft()));
    }

    private static String clock(double seconds) {
        long whole = Math.max(0, Math.round(seconds));
        return String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }
}
