// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class TeacherConfigTest {

    private final ObjectMapper mapper = new ObjectMapper();

    @Test
    void onlyModelGiven_restIsDefault() throws Exception {
        TeacherConfig config = mapper.readValue("{\"model\":\"some/dir\"}", TeacherConfig.class);

        assertThat(config).isEqualTo(TeacherConfig.of(Path.of("some/dir")));
        assertThat(config.maxBatchTokens()).isEqualTo(4096);
        assertThat(config.maxItemsInFlight()).isEqualTo(64);
        assertThat(config.cacheBytes()).isEqualTo(256L << 20);
        assertThat(config.dtype()).isEqualTo("f32");
        assertThat(config.allowFullLogits()).isFalse();
    }

    @Test
    void keysGiven_areTaken() throws Exception {
        TeacherConfig config = mapper.readValue(
                "{\"model\":\"m\",\"listen\":\"[::1]:7101\",\"max_batch_tokens\":512,\"dtype\":\"BF16\"}",
                TeacherConfig.class);

        assertThat(config.address().host()).isEqualTo("::1");
        assertThat(config.address().port()).isEqualTo(7101);
        assertThat(config.maxBatchTokens()).isEqualTo(512);
        assertThat(config.dtype()).isEqualTo("bf16");
    }

    @Test
    void unknownKey_isRefused() {
        assertThatThrownBy(() -> mapper.readValue("{\"model\":\"m\",\"max_batch\":1}", TeacherConfig.class))
                .isInstanceOf(UnrecognizedPropertyException.class)
                .hasMessageContaining("max_batch");
    }

    @Test
    void badValues_areRefusedWithKeyAndValue() {
        assertRefused("{}", "teacher.model is missing: name the directory of a model");
        assertRefused("{\"model\":\"m\",\"threads\":0}", "teacher.threads must be 1 to 1024, was 0");
        assertRefused("{\"model\":\"m\",\"listen\":\"7101\"}", "teacher.listen must be host:port, was 7101");
        assertRefused("{\"model\":\"m\",\"listen\":\"h:70000\"}", "teacher.listen must be host:port, was h:70000");
        assertRefused("{\"model\":\"m\",\"dtype\":\"int8\"}", "teacher.dtype must be f32, bf16 or f16, was int8");
        assertRefused(
                "{\"model\":\"m\",\"dtype\":\"f16\"}",
                "teacher.dtype f16 has no fast kernels on a CPU: use f32 or bf16");
        assertRefused("{\"model\":\"m\",\"device\":\"tpu\"}", "teacher.device must be cpu or cuda:<n>, was tpu");
        assertRefused(
                "{\"model\":\"m\",\"max_batch_tokens\":1}", "teacher.max_batch_tokens must be 2 to 4194304, was 1");
        assertRefused(
                "{\"model\":\"m\",\"cache_bytes\":-1}", "teacher.cache_bytes must be 0 to 1125899906842624, was -1");
        assertRefused(
                "{\"model\":\"m\",\"max_response_bytes\":1000000}",
                "teacher.max_response_bytes must be 1 to 983040, was 1000000");
    }

    private void assertRefused(String json, String message) {
        assertThatThrownBy(() -> mapper.readValue(json, TeacherConfig.class))
                .cause()
                .hasMessage(message);
    }
}
