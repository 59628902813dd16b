// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.serve;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Function;

/** A service as seen by the launcher. */
record StartedService(int port, Function<Duration, Future<Void>> drainer, Future<Void> done) implements RunningService {
    @Override
    public Future<Void> drain(Duration atMost) {
        return drainer.apply(atMost);
    }
}
