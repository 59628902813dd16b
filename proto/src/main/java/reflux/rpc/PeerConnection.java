// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.Address;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.impl.GrpcClientImpl;
import io.vertx.grpc.common.ServiceMethod;
import java.util.function.Consumer;

/**
 * One HTTP/2 connection to one peer, opened when it is first used, pinged while it is open. It holds the HTTP client, which
 * Vert.x would close behind our back if nobody did.
 */
final class PeerConnection extends GrpcClientImpl {
    private final HttpClient http;
    private final long maxMessageBytes;
    private final FrameMemory memory = new FrameMemory();

    private PeerConnection(Vertx vertx, GrpcClientOptions options, HttpClient http) {
        super(vertx, options, http, true);
        this.http = http;
        this.maxMessageBytes = options.getMaxMessageSize();
    }

    /**
     * A connection with windows of so many bytes for each stream and four times as many for all of them.
     *
     * @param onClosed is told each connection that has ended
     */
    static PeerConnection create(
            Vertx vertx, ClientSettings settings, int streamWindowBytes, Consumer<HttpConnection> onClosed) {
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings()
                        .setInitialWindowSize(streamWindowBytes)
                        .setMaxFrameSize(64 << 10)
                        .setMaxConcurrentStreams(1000))
                .setHttp2ConnectionWindowSize(4 * streamWindowBytes)
                .setTcpNoDelay(true)
                .setConnectTimeout((int) settings.connectTimeout().toMillis());
        HttpClient http = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp2MaxSize(1))
                .withConnectHandler(connection -> {
                    Framing.keepPieces(connection);
                    Pings.watch(vertx, connection, settings.keepAlive(), () -> onClosed.accept(connection));
                })
                .build();
        GrpcClientOptions grpc = new GrpcClientOptions()
                .setMaxMessageSize(settings.maxMessageBytes())
                .setScheduleDeadlineAutomatically(false);
        return new PeerConnection(vertx, grpc, http);
    }

    @Override
    public <Q, R> Future<GrpcClientRequest<Q, R>> request(Address server, ServiceMethod<R, Q> method) {
        ServiceMethod<R, Q> framed = Framing.framed(method, memory);
        return http.request(new RequestOptions().setMethod(HttpMethod.POST).setServer(server))
                .map(request -> FrameRequest.open(request, framed, maxMessageBytes, memory));
    }

    @Override
    public Future<Void> close() {
        return http.close();
    }
}
