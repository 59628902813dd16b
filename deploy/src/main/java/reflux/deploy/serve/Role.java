// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.serve;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntSupplier;
import reflux.deploy.config.SettingsBinder;
import reflux.generator.GeneratorConfig;
import reflux.generator.GeneratorService;
import reflux.learner.LearnerConfig;
import reflux.learner.LearnerService;
import reflux.teacher.TeacherConfig;
import reflux.teacher.TeacherService;

/** The three services: how each is configured and started. */
public enum Role {
    TEACHER {
        @Override
        public Record bind(SettingsBinder settings) {
            return settings.bind(section(), TeacherConfig.class, null);
        }

        @Override
        public Future<RunningService> start(Vertx vertx, SettingsBinder settings) {
            TeacherConfig config = settings.bind(section(), TeacherConfig.class, null);
            return TeacherService.start(vertx, config).map(service -> endless(service::port, service::drain));
        }
    },
    GENERATOR {
        @Override
        public Record bind(SettingsBinder settings) {
            return settings.bind(section(), GeneratorConfig.class, null);
        }

        @Override
        public Future<RunningService> start(Vertx vertx, SettingsBinder settings) {
            GeneratorConfig config = settings.bind(section(), GeneratorConfig.class, null);
            return GeneratorService.start(vertx, config).map(service -> endless(service::port, service::drain));
        }
    },
    LEARNER {
        @Override
        public Record bind(SettingsBinder settings) {
            return settings.bind(section(), LearnerConfig.class, LearnerConfig.defaults())
                    .checked();
        }

        @Override
        public Future<RunningService> start(Vertx vertx, SettingsBinder settings) {
            LearnerConfig config = settings.bind(section(), LearnerConfig.class, LearnerConfig.defaults());
            return LearnerService.start(vertx, config, new SimpleMeterRegistry())
                    .map(service -> new StartedService(
                            service.port(), service::drain, service.completion().mapEmpty()));
        }
    };

    /** Its part of the settings; also its name on the command line. */
    public String section() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> sections() {
        return Arrays.stream(values()).map(Role::section).toList();
    }

    /** Its configuration, checked; throws with place, key, value and remedy. */
    public abstract Record bind(SettingsBinder settings);

    /** Loads its model and listens. */
    public abstract Future<RunningService> start(Vertx vertx, SettingsBinder settings);

    private static RunningService endless(IntSupplier port, Function<Duration, Future<Void>> drain) {
        Future<Void> never = Promise.<Void>promise().future();
        return new StartedService(port.getAsInt(), drain, never);
    }
}
