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
import reflux.deploy.config.ConfigException;
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
        public TeacherConfig bind(SettingsBinder settings) {
            return settings.bind(section(), TeacherConfig.class, null);
        }

        @Override
        public Future<RunningService> start(Vertx vertx, SettingsBinder settings) {
            return TeacherService.start(vertx, bind(settings)).map(service -> endless(service::port, service::drain));
        }
    },
    GENERATOR {
        @Override
        public GeneratorConfig bind(SettingsBinder settings) {
            return settings.bind(section(), GeneratorConfig.class, null);
        }

        @Override
        public Future<RunningService> start(Vertx vertx, SettingsBinder settings) {
            return GeneratorService.start(vertx, bind(settings)).map(service -> endless(service::port, service::drain));
        }
    },
    LEARNER {
        @Override
        public LearnerConfig bind(SettingsBinder settings) {
            String objective = settings.text(section(), "objective");
            LearnerConfig config = settings.bind(section(), LearnerConfig.class, LearnerConfig.defaultsFor(objective));
            try {
                return config.checked();
            } catch (IllegalArgumentException e) {
                throw new ConfigException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public Future<RunningService> start(Vertx vertx, SettingsBinder settings) {
            return LearnerService.start(vertx, bind(settings), new SimpleMeterRegistry())
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
