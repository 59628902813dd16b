// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.deploy.serve.Role;
import reflux.generator.GeneratorConfig;
import reflux.learner.LearnerConfig;
import reflux.teacher.TeacherConfig;

class SettingsTest {
    private static final List<String> SECTIONS = List.of("teacher", "generator", "learner");

    @TempDir
    private Path directory;

    @Test
    void fileOnly_restIsDefault() throws IOException {
        LearnerConfig config = learner("""
                learner:
                  student: models/student
                  output_dir: runs/first
                  learning_rate: 2e-3
                  generators: ["127.0.0.1:7201"]
                  teachers:
                    - 127.0.0.1:7101
                    - 127.0.0.1:7102
                """, Map.of());

        assertThat(config.learningRate()).isEqualTo(2e-3);
        assertThat(config.teachers()).containsExactly("127.0.0.1:7101", "127.0.0.1:7102");
        assertThat(config.batchSize()).isEqualTo(LearnerConfig.defaults().batchSize());
    }

    @Test
    void threeSources_assignmentWinsOverEnvironmentOverFile() throws IOException {
        Path file = write("learner: {seed: 1, max_steps: 10, batch_size: 8, student: s, output_dir: o,"
                + " generators: ['h:1'], teachers: ['h:2']}");
        Map<String, String> environment = Map.of(
                "REFLUX_LEARNER__SEED", "2", "REFLUX_LEARNER__MAX_STEPS", "20", "REFLUX_HEAP", "1g", "HOME", "/");

        LearnerConfig config = bind(Settings.load(file, environment, List.of("learner.seed=3")));

        assertThat(config.seed()).isEqualTo(3);
        assertThat(config.maxSteps()).isEqualTo(20);
        assertThat(config.batchSize()).isEqualTo(8);
    }

    @Test
    void teacherAndGenerator_bindWithTheirOwnDefaults() throws IOException {
        Path file = write("teacher: {model: t, max_batch_tokens: 512}\ngenerator: {model: s, teachers: ['h:1']}\n");
        SettingsBinder binder = new SettingsBinder(Settings.load(file, Map.of(), List.of()), SECTIONS);

        assertThat(binder.bind("teacher", TeacherConfig.class, null).maxBatchTokens())
                .isEqualTo(512);
        assertThat(binder.bind("generator", GeneratorConfig.class, null).slots())
                .isEqualTo(GeneratorConfig.defaults().slots());
    }

    @Test
    void supervisedTraining_hasGivenResponsesUnlessLmbdaIsSet() throws IOException {
        String ring = "learner: {student: s, output_dir: o, generators: ['h:1'], train_data: [d], objective: sft}";

        LearnerConfig config = (LearnerConfig) Role.LEARNER.bind(binder(ring, List.of()));

        assertThat(config.data().lmbda()).isZero();
        assertThatThrownBy(() -> Role.LEARNER.bind(binder(ring, List.of("learner.lmbda=0.5"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("learner.objective is 'sft'; set lmbda to 0");
    }

    private SettingsBinder binder(String yaml, List<String> assignments) throws IOException {
        return new SettingsBinder(Settings.load(write(yaml), Map.of(), assignments), Role.sections());
    }

    @Test
    void unknownKey_namesPlaceAndNearest() {
        assertThatThrownBy(() -> learner("# first line\nlearner:\n  lerning_rate: 1\n", Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ring.yaml:3")
                .hasMessageContaining("learner.lerning_rate is no known key")
                .hasMessageContaining("nearest is \"learning_rate\"");
    }

    @Test
    void unknownSection_namesNearest() {
        assertThatThrownBy(() -> learner("techer:\n  model: x\n", Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nearest is \"teacher\"");
    }

    @Test
    void unknownVariable_isNamed() {
        assertThatThrownBy(() -> learner("learner: {}\n", Map.of("REFLUX_LEARNER__SEEDS", "1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("REFLUX_LEARNER__SEEDS: learner.seeds is no known key; nearest is \"seed\"");
    }

    @Test
    void wrongType_namesPlaceKeyAndValue() {
        assertThatThrownBy(() -> learner("learner:\n  max_steps: many\n", Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ring.yaml:2: learner.max_steps cannot be \"many\"");
    }

    @Test
    void notYaml_namesLine() {
        assertThatThrownBy(() -> learner("learner:\n  - [1\n", Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is not YAML");
    }

    @Test
    void missingFile_isNamed() {
        assertThatThrownBy(() -> Settings.load(directory.resolve("none.yaml"), Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.yaml: there is no such file");
    }

    private LearnerConfig learner(String yaml, Map<String, String> environment) throws IOException {
        return bind(Settings.load(write(yaml), environment, List.of()));
    }

    private static LearnerConfig bind(Settings settings) {
        return new SettingsBinder(settings, SECTIONS).bind("learner", LearnerConfig.class, LearnerConfig.defaults());
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(directory.resolve("ring.yaml"), yaml);
    }
}
