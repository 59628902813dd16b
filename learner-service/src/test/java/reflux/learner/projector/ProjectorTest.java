// SPDX-License-Identifier: Apache-2.0
package reflux.learner.projector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.learner.align.VocabularyMap;
import reflux.learner.checkpoint.SavedTensors;
import reflux.learner.vectors.SharedTokens;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

class ProjectorTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("projector-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void sameHeadOfFullRank_givesTheIdentity() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor head = random(scope, 1, 40, 5);
                Projector projector = Projector.initialise(
                        engine, head, head, VocabularyMap.identity(40), ProjectorSettings.defaults());

                double[] map = projector.teacherToStudent().value().doubles();
                for (int i = 0; i < map.length; i++) {
                    assertThat(map[i]).isCloseTo(i % 6 == 0 ? 1 : 0, within(1e-6));
                }
                projector.close();
            }
            return 0;
        });
    }

    @Test
    void changedStudentHead_refreshesTheStudentsMapOnlyWhenDue() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor student = random(scope, 2, 12, 3);
                Tensor changed = random(scope, 3, 12, 3);
                Tensor teacher = random(scope, 4, 12, 4);
                VocabularyMap map = VocabularyMap.identity(12);
                ProjectorSettings everyThird = new ProjectorSettings(0, -1, 3);
                Projector projector = Projector.initialise(engine, student, teacher, map, everyThird);
                Projector fresh = Projector.initialise(engine, changed, teacher, map, everyThird);
                float[] before = projector.studentToTeacher().floats();
                float[] trained = projector.teacherToStudent().value().floats();

                projector.refreshIfDue(4, changed);
                assertThat(projector.studentToTeacher().floats()).isEqualTo(before);
                projector.refreshIfDue(6, changed);
                assertThat(projector.studentToTeacher().floats())
                        .containsExactly(fresh.studentToTeacher().floats(), within(1e-6f));
                assertThat(projector.teacherToStudent().value().floats()).isEqualTo(trained);
            }
            return 0;
        });
    }

    @Test
    void topVocabulary_usesTheFirstSharedTokens() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor student = random(scope, 5, 12, 3);
                Tensor teacher = random(scope, 6, 12, 4);
                Projector top = Projector.initialise(
                        engine, student, teacher, VocabularyMap.identity(12), new ProjectorSettings(0, 7, 1));
                Projector first = Projector.initialise(
                        engine, student, teacher, VocabularyMap.identity(7), ProjectorSettings.defaults());

                assertThat(top.report().columns()).isEqualTo(7);
                assertThat(top.teacherToStudent().value().floats())
                        .isEqualTo(first.teacherToStudent().value().floats());
            }
            return 0;
        });
    }

    @Test
    void savedMaps_comeBack() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                VocabularyMap map = VocabularyMap.identity(12);
                ProjectorSettings settings = ProjectorSettings.defaults();
                Tensor teacher = random(scope, 7, 12, 4);
                Projector saved = Projector.initialise(engine, random(scope, 8, 12, 3), teacher, map, settings);
                Projector loaded = Projector.initialise(engine, random(scope, 9, 12, 3), teacher, map, settings);

                loaded.restore(saved(saved));

                assertThat(loaded.teacherToStudent().value().floats())
                        .isEqualTo(saved.teacherToStudent().value().floats());
                assertThat(loaded.studentToTeacher().floats())
                        .isEqualTo(saved.studentToTeacher().floats());
                Projector narrow = Projector.initialise(engine, random(scope, 8, 12, 2), teacher, map, settings);
                assertThatThrownBy(() -> narrow.restore(saved(saved)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("projector.t2s");
            }
            return 0;
        });
    }

    @Test
    void noSharedToken_isRefused() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                VocabularyMap nothing = SharedTokens.map(12, new int[0], 12, new int[0]);
                assertThatThrownBy(() -> Projector.initialise(
                                engine,
                                random(scope, 1, 12, 3),
                                random(scope, 2, 12, 4),
                                nothing,
                                ProjectorSettings.defaults()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("share no token");
            }
            return 0;
        });
    }

    private static Tensor random(Scope scope, long seed, int rows, int width) {
        Random random = new Random(seed);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floats(values, rows, width);
    }

    private static SavedTensors saved(Projector projector) {
        assertThat(projector.infos()).allMatch(info -> info.type() == DataType.F32);
        return SavedTensors.of(projector.infos(), projector::bytes);
    }
}
