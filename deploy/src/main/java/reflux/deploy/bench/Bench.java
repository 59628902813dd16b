// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.List;

/** One row of the benchmark, or a few that belong together. */
@FunctionalInterface
public interface Bench {
    List<Measurement> run(BenchSettings settings) throws Exception;
}
