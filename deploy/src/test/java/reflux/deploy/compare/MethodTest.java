// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.deploy.config.Settings;
import reflux.deploy.config.SettingsBinder;
import reflux.deploy.serve.Role;

class MethodTest {
    private static final Path METHODS = Path.of("compare-methods").toAbsolutePath();

    @TempDir
    Path folder;

    static Stream<Method> methods() {
        return Method.readAll(METHODS, List.of()).stream();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void file_isAConfigurationThatCanBeRun(Method method) throws Exception {
        ObjectNode common = Method.read(METHODS.resolve(Method.COMMON));
        TrainingRun run = TrainingRun.of(common, method, TrainingRun.Part.TEST, 1e-3, 1, 1, settings());
        ObjectNode learner = (ObjectNode) run.learner();
        learner.put("output_dir", folder.toString());
        learner.putArray("generators").add("127.0.0.1:1");
        learner.putArray("teachers").add("127.0.0.1:2");
        learner.putArray("train_data").add("train.jsonl");
        learner.put("eval_data", "valid.jsonl");
        Path yaml = folder.resolve("run.yaml");
        Files.writeString(yaml, new YAMLMapper().writeValueAsString(run.settings()));
        SettingsBinder binder = new SettingsBinder(Settings.load(yaml, Map.of(), List.of()), Role.sections());

        for (Role role : Role.values()) {
            assertThat(role.bind(binder)).as(method.name()).isNotNull();
        }
    }

    @Test
    void unknownName_isToldWithThoseThatAre() {
        assertThatThrownBy(() -> Method.readAll(METHODS, List.of("dskd-v3")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dskd-v3 is no method")
                .hasMessageContaining("dskd-v2-on-policy");
    }

    private ComparisonSettings settings() {
        return new ComparisonSettings(
                folder, METHODS, folder, folder, List.of(), List.of(1L), 0, List.of(1e-3), 1, 1, 1, 0, 2, 1, List.of());
    }
}
