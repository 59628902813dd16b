// SPDX-License-Identifier: Apache-2.0
package reflux.jmh;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
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
import org.openjdk.jmh.infra.Blackhole;
import reflux.v1.DataType;
import reflux.v1.TensorFrame;
import reflux.v1.TensorHeader;
import reflux.wire.TensorAssembler;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

/** Time for each MiB of hidden states in bf16, 512 rows of width 2,048: into frames and their bytes, and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class CodecBench {
    private static final int ROWS = 512;
    private static final int WIDTH = 2048;
    private static final int MEBIBYTES = 2;

    private final TensorHeader header = TensorHeaders.of("hidden", DataType.DATA_TYPE_BF16, ROWS, WIDTH);
    private final ByteBuffer hidden = random();
    private final List<byte[]> frames = serialized();

    private static ByteBuffer random() {
        byte[] bytes = new byte[2 * ROWS * WIDTH];
        new Random(7).nextBytes(bytes);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private List<byte[]> serialized() {
        java.util.ArrayList<byte[]> all = new java.util.ArrayList<>();
        TensorFrames.cut("p", List.of(hidden)).forEachRemaining(frame -> all.add(frame.toByteArray()));
        return List.copyOf(all);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public void encode(Blackhole sink) {
        TensorFrames.cut("p", List.of(hidden)).forEachRemaining(frame -> sink.consume(frame.toByteArray()));
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public ByteBuffer decode() throws InvalidProtocolBufferException {
        TensorAssembler assembler = TensorAssembler.of(List.of(header), header.getBytes());
        for (byte[] frame : frames) {
            assembler.accept(TensorFrame.parseFrom(frame));
        }
        return assembler.tensor(0);
    }
}
