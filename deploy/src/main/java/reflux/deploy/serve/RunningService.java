// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.serve;

import io.vertx.core.Future;
import java.time.Duration;

/** A service that listens. */
public interface RunningService {
    int port();

    /** Takes nothing new, finishes what is under way, closes; what is not done by then is cut. */
    Future<Void> drain(Duration atMost);

    /** Completes when the service has nothing left to do; fails if it cannot go on. Most never do either. */
    Future<Void> done();
}
