// SPDX-License-Identifier: Apache-2.0
package reflux.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reflux.learner.align.Alignment;

/** Time for each token of the student's response: spans of both sides from ids, then alignment by bytes. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class AlignmentBench {
    private static final int SHORT = 512;
    private static final int MIDDLE = 8 << 10;
    private static final int LONG = 64 << 10;

    private final TwoTokenizations ofShort = TwoTokenizations.random(3, SHORT);
    private final TwoTokenizations ofMiddle = TwoTokenizations.random(3, MIDDLE);
    private final TwoTokenizations ofLong = TwoTokenizations.random(3, LONG);

    @Benchmark
    @OperationsPerInvocation(SHORT)
    public Alignment tokens512() {
        return ofShort.align();
    }

    @Benchmark
    @OperationsPerInvocation(MIDDLE)
    public Alignment tokens8k() {
        return ofMiddle.align();
    }

    @Benchmark
    @OperationsPerInvocation(LONG)
    public Alignment tokens64k() {
        return ofLong.align();
    }
}
