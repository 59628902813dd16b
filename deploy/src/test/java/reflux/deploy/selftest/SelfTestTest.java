// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.deploy.verb.RefluxCommand;
import reflux.model.engine.DataType;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;

/** On the demo's student. */
@Timeout(300)
class SelfTestTest {
    private static final Path STUDENT = Path.of("demo-models/student").toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void demoStudent_passesEveryCheck() {
        StringWriter err = new StringWriter();

        int code = RefluxCommand.create()
                .setErr(new PrintWriter(err))
                .execute("selftest", "--model", STUDENT.toString(), "--objective", "dskd-v2", "--objective", "sft");

        assertThat(code).as(err.toString()).isZero();
    }

    @Test
    void numberAboveItsLimitOrNone_fails() {
        assertThat(new Check("a", 1e-6, 1e-5).isPassed()).isTrue();
        assertThat(new Check("a", 2e-5, 1e-5).isPassed()).isFalse();
        assertThat(new Check("a", Double.NaN, 1e-5).isPassed()).isFalse();
        assertThat(new Check("a", 2e-5, 1e-5)).asString().startsWith("FAIL").contains("2.00e-05");
    }

    @Test
    void gradients_areComparedOverAllTensors() {
        Path one = write("one", 3, 0, 0, 4);
        Path other = write("other", 3, 0, 0.5f, 4);

        assertThat(GradientFile.difference(one, one)).isZero();
        assertThat(GradientFile.difference(one, other)).isEqualTo(0.1);
    }

    @Test
    void unknownObjective_isSaidAndFails() {
        StringWriter err = new StringWriter();

        int code = RefluxCommand.create()
                .setErr(new PrintWriter(err))
                .execute("selftest", "--model", STUDENT.toString(), "--objective", "dskd-v3");

        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("learner.objective is 'dskd-v3'");
    }

    private Path write(String name, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(values[0]).putFloat(values[1]).flip();
        ByteBuffer more = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        more.putFloat(values[2]).putFloat(values[3]).flip();
        Path file = folder.resolve(name + ".safetensors");
        SafetensorsWriter.write(
                file,
                List.of(TensorInfo.of("a", DataType.F32, List.of(2L)), TensorInfo.of("b", DataType.F32, List.of(2L))),
                tensor -> tensor.equals("a") ? bytes.duplicate() : more.duplicate(),
                Map.of());
        return file;
    }
}
