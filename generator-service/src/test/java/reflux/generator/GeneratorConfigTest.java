// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import org.junit.jupiter.api.Test;

class GeneratorConfigTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    @Test
    void fewKeys_takeTheDefaultsForTheRest() throws Exception {
        GeneratorConfig config = JSON.readValue(
                "{\"model\":\"m\",\"slots\":8,\"teachers\":[\"127.0.0.1:7101\",\"[::1]:7102\"]}",
                GeneratorConfig.class);

        assertThat(config.slots()).isEqualTo(8);
        assertThat(config.maxItemsInFlight()).isEqualTo(32);
        assertThat(config.dtype()).isEqualTo("f32");
        assertThat(config.mixTeacher()).isEmpty();
        assertThat(config.address().port()).isEqualTo(7201);
        assertThat(config.teacherAddresses().get(1).host()).isEqualTo("::1");
    }

    @Test
    void defaults_bindFromNothing() throws Exception {
        assertThat(JSON.readValue("{}", GeneratorConfig.class)).isEqualTo(GeneratorConfig.defaults());
    }

    @Test
    void badValue_isRefusedByFieldAndValue() {
        assertThatThrownBy(() -> JSON.readValue("{\"dtype\":\"f16\"}", GeneratorConfig.class))
                .hasMessageContaining("generator.dtype must be f32 or bf16, was f16");
        assertThatThrownBy(() -> JSON.readValue("{\"mix_teacher_dtype\":\"f16\"}", GeneratorConfig.class))
                .hasMessageContaining("generator.mix_teacher_dtype must be f32 or bf16, was f16");
        assertThatThrownBy(() -> JSON.readValue("{\"slots\":-1}", GeneratorConfig.class))
                .hasMessageContaining("generator.slots")
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> JSON.readValue("{\"teachers\":[\"nowhere\"]}", GeneratorConfig.class))
                .hasMessageContaining("generator.teachers")
                .hasMessageContaining("nowhere");
    }

    @Test
    void lengthOfTheModel_settlesWhatIsLeftOut() {
        GeneratorConfig small = GeneratorConfig.defaults().settledFor(128);
        GeneratorConfig large = GeneratorConfig.defaults().settledFor(8192);

        assertThat(small.maxLength()).isEqualTo(128);
        assertThat(small.maxNewTokens()).isEqualTo(127);
        assertThat(large.maxLength()).isEqualTo(512);
        assertThatThrownBy(() -> large.settledFor(256))
                .hasMessageContaining("generator.max_length")
                .hasMessageContaining("256")
                .hasMessageContaining("512");
    }
}
