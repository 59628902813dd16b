// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.Service;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.wire.NotReadyException;

/**
 * Hosts services on one port, with health, reflection, limits, pings and drain. All handlers run on one event loop: that of
 * the context it was created on.
 */
public final class RpcServer {
    private static final Logger log = LoggerFactory.getLogger(RpcServer.class);

    private static final long DEADLINE_GRACE_MILLIS = 1_000;

    private final Home home;
    private final ServerSettings settings;
    private final GrpcServer grpc;
    private final CallRoutes routes;
    private final HttpServer http;
    private final HealthService health;
    private final Set<ServerWriter<?>> calls = new LinkedHashSet<>();
    private final Map<HttpConnection, Set<ServerWriter<?>>> callsOfConnection = new HashMap<>();
    private Promise<Void> idle;
    private boolean draining;
    private volatile int port;

    private RpcServer(Home home, ServerSettings settings, List<ServiceDescriptor> services) {
        this.home = home;
        this.settings = settings;
        this.idle = home.promise();
        this.grpc = GrpcServer.server(
                home.vertx(),
                new GrpcServerOptions()
                        .setMaxMessageSize(settings.maxMessageBytes())
                        .setScheduleDeadlineAutomatically(false)
                        .setDeadlinePropagation(false));
        this.routes = new CallRoutes(grpc, settings.maxMessageBytes());
        this.http = home.vertx()
                .createHttpServer(options(settings))
                .connectionHandler(this::connected)
                .requestHandler(routes);
        this.health = new HealthService(
                services.stream().map(ServiceDescriptor::getFullName).collect(Collectors.toUnmodifiableSet()));
        Stream.concat(services.stream(), Stream.of(HealthService.DESCRIPTOR)).forEach(this::list);
        grpc.addService(ReflectionService.v1());
        health.addTo(this);
    }

    /** A server that does not listen yet; the services are listed by reflection and health, methods are added before start. */
    public static RpcServer create(Vertx vertx, ServerSettings settings, ServiceDescriptor... services) {
        return new RpcServer(Home.of(vertx), settings, List.of(services));
    }

    /** A failed future, or an exception, becomes the call's status by {@link FailureStatus}. */
    public <Q, R> RpcServer unary(ServiceMethod<Q, R> method, Function<Q, Future<R>> handler) {
        return serverStream(method, (request, out) -> handler.apply(request).onComplete(done -> {
            if (done.succeeded()) {
                out.write(done.result());
                out.end();
            } else {
                out.fail(done.cause());
            }
        }));
    }

    /** The handler ends or fails the writer. */
    public <Q, R> RpcServer serverStream(ServiceMethod<Q, R> method, BiConsumer<Q, StreamWriter<R>> handler) {
        return bidi(method, (in, out) -> new SoleMessage<>(in, out, handler).read());
    }

    /** The handler is called when the stream opens, before any message was read. */
    public <Q, R> RpcServer bidi(ServiceMethod<Q, R> method, BiConsumer<InboundStream<Q>, StreamWriter<R>> handler) {
        routes.add(method, request -> open(request, handler));
        return this;
    }

    /** Listens and serves; the port, or why it cannot. */
    public Future<Integer> start() {
        Promise<Integer> started = home.promise();
        home.run(() -> http.listen(settings.port(), settings.host()).onComplete(listening -> {
            if (listening.failed()) {
                started.fail(new IllegalStateException(
                        "cannot listen on " + new PeerAddress(settings.host(), settings.port()) + ": "
                                + listening.cause().getMessage(),
                        listening.cause()));
                return;
            }
            port = http.actualPort();
            health.become(ServingStatus.SERVING);
            log.info("listening host={} port={}", settings.host(), port);
            started.complete(port);
        }));
        return started.future();
    }

    /** Port that it listens on, 0 before {@link #start}. */
    public int port() {
        return port;
    }

    /** Health answers NOT_SERVING for all services from now on; calls are still served. */
    public void notServing() {
        home.run(() -> health.become(ServingStatus.NOT_SERVING));
    }

    /** Health answers SERVING again. */
    public void serving() {
        home.run(() -> health.become(draining ? ServingStatus.NOT_SERVING : ServingStatus.SERVING));
    }

    /**
     * NOT_SERVING, new calls refused with UNAVAILABLE, onDrain of each open stream, and closed when they all have ended or the
     * limit is over.
     */
    public Future<Void> drain(Duration limit) {
        Promise<Void> drained = home.promise();
        home.run(() -> beginDrain()
                .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .otherwiseEmpty()
                .compose(ignored -> {
                    health.end();
                    log.info("drained port={} callsLeft={}", port, calls.size());
                    return http.shutdown(calls.isEmpty() ? 200 : 0, TimeUnit.MILLISECONDS);
                })
                .onComplete(drained));
        return drained.future();
    }

    /** Closes all connections at once. */
    public Future<Void> close() {
        Promise<Void> closed = home.promise();
        home.run(() -> http.close().onComplete(closed));
        return closed.future();
    }

    int callCount() {
        return calls.size();
    }

    int watcherCount() {
        return health.watcherCount();
    }

    /** Vert.x does not tell every stream of a connection that it is gone; the connection tells all that are left. */
    private void connected(HttpConnection connection) {
        Set<ServerWriter<?>> open = new LinkedHashSet<>();
        callsOfConnection.put(connection, open);
        Framing.keepPieces(connection);
        Pings.watch(home.vertx(), connection, settings.keepAlive(), () -> {
            callsOfConnection.remove(connection);
            List.copyOf(open).forEach(call -> call.lost(GrpcStatus.UNAVAILABLE, "connection is closed"));
        });
    }

    private Future<Void> beginDrain() {
        if (!draining) {
            draining = true;
            health.become(ServingStatus.NOT_SERVING);
            List.copyOf(calls).forEach(ServerWriter::drain);
        }
        checkIdle();
        return idle.future();
    }

    private <Q, R> void open(GrpcServerRequest<Q, R> request, BiConsumer<InboundStream<Q>, StreamWriter<R>> handler) {
        ServerWriter<R> writer = new ServerWriter<>(home, request.response(), settings.maxUnsentBytes());
        ServerCall<Q, R> call = new ServerCall<>(home, request, writer);
        if (!request.serviceName().fullyQualifiedName().equals(HealthService.DESCRIPTOR.getFullName())) {
            if (draining) {
                writer.fail(new NotReadyException("server is shutting down"));
                return;
            }
            calls.add(writer);
            writer.onClosed(cause -> {
                calls.remove(writer);
                checkIdle();
            });
        }
        watchDeadline(request, writer);
        Set<ServerWriter<?>> siblings = callsOfConnection.get(request.connection());
        if (siblings != null) {
            siblings.add(writer);
            writer.onClosed(cause -> siblings.remove(writer));
        }
        try {
            handler.accept(call, writer);
        } catch (RuntimeException e) {
            writer.fail(e);
        }
    }

    /**
     * A client resets the call at its deadline. Only one that does not is told, a little later: where both happen at once, as with
     * Vert.x's own timer, the connection is lost.
     */
    private void watchDeadline(GrpcServerRequest<?, ?> request, ServerWriter<?> writer) {
        if (request.timeout() <= 0) {
            return;
        }
        long timer = home.vertx()
                .setTimer(
                        request.timeout() + DEADLINE_GRACE_MILLIS,
                        ignored -> writer.fail(RpcException.of(
                                GrpcStatus.DEADLINE_EXCEEDED,
                                "the call's time of " + request.timeout() + " ms is over")));
        writer.onClosed(cause -> home.vertx().cancelTimer(timer));
    }

    private void checkIdle() {
        if (draining && calls.isEmpty()) {
            idle.tryComplete();
        }
    }

    private void list(ServiceDescriptor descriptor) {
        ServiceName name = ServiceName.create(descriptor.getFile().getPackage(), descriptor.getName());
        grpc.addService(Service.service(name, descriptor).build());
    }

    private static HttpServerOptions options(ServerSettings settings) {
        return new HttpServerOptions()
                .setInitialSettings(new Http2Settings()
                        .setInitialWindowSize(4 << 20)
                        .setMaxFrameSize(64 << 10)
                        .setMaxConcurrentStreams(1000))
                .setHttp2ConnectionWindowSize(16 << 20)
                .setTcpNoDelay(true)
                .setHttp2RstFloodMaxRstFramePerWindow(5000);
    }
}
