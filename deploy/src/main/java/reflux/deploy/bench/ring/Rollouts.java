// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Sample;
import reflux.learner.rollout.ResponseSources;
import reflux.learner.rollout.RolloutClient;
import reflux.learner.rollout.SamplingPlan;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcException;

/** The learner's client of one generator, for a thread that waits for rollouts: so many, all at once. */
final class Rollouts implements AutoCloseable {
    private final Context context;
    private final ResponseSources sources;
    private final List<Sample> arrived = new ArrayList<>();
    private int wanted;
    private Promise<List<Sample>> done = Promise.promise();

    Rollouts(Vertx vertx, PeerAddress generator, SamplingPlan plan) {
        this.context = vertx.getOrCreateContext();
        Arrivals arrivals = new Arrivals();
        RolloutClient client = new RolloutClient(vertx, "bench", plan, Ring.AT_ONCE, "", arrivals);
        this.sources = new ResponseSources(client, Optional.empty(), arrivals);
        sources.members(List.of(generator));
    }

    /** Their samples, in the order in which they came. */
    List<Sample> all(List<Admitted> rollouts) {
        Promise<List<Sample>> all = Promise.promise();
        context.runOnContext(now -> {
            done = all;
            wanted = rollouts.size();
            arrived.clear();
            rollouts.forEach(sources::request);
        });
        return Waiting.on(all.future());
    }

    private final class Arrivals implements RolloutClient.Receiver {
        @Override
        public void sampled(Sample sample) {
            context.runOnContext(now -> {
                arrived.add(sample);
                if (arrived.size() == wanted) {
                    done.tryComplete(List.copyOf(arrived));
                }
            });
        }

        @Override
        public void refused(Admitted admitted, RpcException cause) {
            context.runOnContext(now -> done.tryFail(cause));
        }

        @Override
        public void mismatched(String fact) {
            context.runOnContext(now -> done.tryFail(fact));
        }
    }

    @Override
    public void close() {
        Waiting.on(sources.close());
    }
}
