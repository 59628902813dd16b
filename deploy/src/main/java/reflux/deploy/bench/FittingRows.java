// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many rows' logits this machine has the memory for, so that a measurement of memory cannot exhaust it. */
final class FittingRows {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";
    private static final double USABLE = 0.7;
    private static final long PROGRAM_BYTES = 1L << 30;
    /** Logits of both sides, and what oneDNN may lay out anew. */
    private static final int LOGIT_ARRAYS = 4;
    /** Both heads, the gradient, and what oneDNN may lay out anew. */
    private static final int HEADS = 5;

    private FittingRows() {}

    /** {@code rows} if a loss with the f32 logits of all rows at once fits into what is available, else the largest power of two that does. */
    static int of(int rows, int vocabulary, int width) {
        return of(rows, vocabulary, width, availableBytes());
    }

    static int of(int rows, int vocabulary, int width, long availableBytes) {
        double left = USABLE * availableBytes - PROGRAM_BYTES - (double) HEADS * vocabulary * width * Float.BYTES;
        double fitting = left / ((double) LOGIT_ARRAYS * vocabulary * Float.BYTES);
        return fitting >= rows ? rows : Integer.highestOneBit((int) Math.max(1, fitting));
    }

    /** All there is if the system does not tell. */
    private static long availableBytes() {
        try {
            return Files.readAllLines(MEMORY).stream()
                    .filter(line -> line.startsWith(AVAILABLE))
                    .map(line ->
                            line.substring(AVAILABLE.length()).replace("kB", "").strip())
                    .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}
