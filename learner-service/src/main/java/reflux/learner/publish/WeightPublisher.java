// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcException;

/**
 * Sends each new version of the weights to every generator while training goes on. The newest wins: a version that was
 * overtaken is not sent any more. A generator that comes, or comes back, is given the newest. Confined to the learner's context.
 */
public final class WeightPublisher {
    /** Version of a generator that is away. */
    static final long UNKNOWN = -1;

    private static final Logger log = LoggerFactory.getLogger(WeightPublisher.class);
    private static final long CHECK_MILLIS = 500;

    /** Who is told about versions. */
    public interface Listener {
        /** The versions that are live have changed: see {@link #live} and {@link #upToDate}. */
        void liveChanged();

        void published(long version, PeerAddress generator, double seconds);

        /** The generator will never take these weights. */
        void refused(PeerAddress generator, RpcException cause);
    }

    private final Vertx vertx;
    private final String clientId;
    private final String tokenizer;
    private final List<GeneratorLink> links;
    private final Listener listener;
    private @Nullable Publication newest;
    private long newestVersion = UNKNOWN;
    private long live;
    private long timer;

    /**
     * @param clientId names this run to the generators
     * @param tokenizer fingerprint that the generators' tokenizer must have; empty = any
     */
    public WeightPublisher(
            Vertx vertx, String clientId, String tokenizer, List<PeerAddress> generators, Listener listener) {
        this.vertx = vertx;
        this.clientId = clientId;
        this.tokenizer = tokenizer;
        this.listener = listener;
        this.links = generators.stream()
                .map(address -> new GeneratorLink(vertx, address, this))
                .toList();
    }

    /** Begins to look after the generators. */
    public void start() {
        timer = vertx.setPeriodic(CHECK_MILLIS, tick -> links.forEach(GeneratorLink::reconcile));
    }

    /** Makes this the newest version, and takes the snapshot over; completes when it is ready to be sent. */
    public Future<Void> publish(WeightSnapshot snapshot) {
        return vertx.executeBlocking(() -> Publication.of(snapshot, clientId, tokenizer))
                .onFailure(cause -> snapshot.release().run())
                .map(publication -> {
                    if (publication.version() > newestVersion) {
                        become(publication);
                    } else {
                        publication.letGo();
                    }
                    return null;
                });
    }

    private void become(Publication publication) {
        makeRoom();
        newest = publication;
        newestVersion = publication.version();
        links.forEach(GeneratorLink::reconcile);
    }

    /**
     * Lets go of the newest version, because a newer one is about to be made and needs memory. Who is being sent it is sent the
     * rest; who comes meanwhile waits for the newer one.
     */
    public void makeRoom() {
        Publication overtaken = newest;
        newest = null;
        if (overtaken != null) {
            overtaken.letGo();
        }
    }

    /**
     * Newest version that every generator serves, those that are away not counted; it never goes back, because a generator
     * that serves an older one is given no work.
     */
    public long live() {
        return live;
    }

    /** Generators that serve {@link #live} or newer: they may be given work. */
    public List<PeerAddress> upToDate() {
        return links.stream()
                .filter(link -> link.live() != UNKNOWN && link.live() >= live)
                .map(GeneratorLink::address)
                .toList();
    }

    public Future<Void> close() {
        vertx.cancelTimer(timer);
        return Future.join(links.stream().map(GeneratorLink::close).toList()).mapEmpty();
    }

    /** Null before the first version, and while a newer one is being made. */
    @Nullable
    Publication newest() {
        return newest;
    }

    long newestVersion() {
        return newestVersion;
    }

    void changed() {
        long oldest = links.stream()
                .mapToLong(GeneratorLink::live)
                .filter(version -> version != UNKNOWN)
                .min()
                .orElse(live);
        live = Math.max(live, oldest);
        listener.liveChanged();
    }

    void published(long version, PeerAddress generator, double seconds) {
        listener.published(version, generator, seconds);
    }

    void refused(PeerAddress generator, RpcException cause) {
        log.error("weights refused generator={} cause={}", generator, cause.getMessage());
        listener.refused(generator, cause);
    }
}
