// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.grpc.health.v1.HealthListRequest;
import io.vertx.grpc.health.v1.HealthListResponse;
import io.vertx.grpc.health.v1.HealthProto;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Set;

/** grpc.health.v1: Check, List, and Watch that tells each change. All services of a server are well or not together. */
final class HealthService {
    static final ServiceDescriptor DESCRIPTOR = HealthProto.getDescriptor().findServiceByName("Health");
    private static final ServiceName NAME = ServiceName.create("grpc.health.v1", "Health");
    private static final ServiceMethod<HealthCheckRequest, HealthCheckResponse> CHECK = ServiceMethod.server(
            NAME, "Check", GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(HealthCheckRequest.newBuilder()));
    private static final ServiceMethod<HealthListRequest, HealthListResponse> LIST = ServiceMethod.server(
            NAME, "List", GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(HealthListRequest.newBuilder()));
    private static final ServiceMethod<HealthCheckRequest, HealthCheckResponse> WATCH = ServiceMethod.server(
            NAME, "Watch", GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(HealthCheckRequest.newBuilder()));

    private final Set<String> services;
    private final Set<StreamWriter<HealthCheckResponse>> watchers = new LinkedHashSet<>();
    private ServingStatus status = ServingStatus.NOT_SERVING;

    /** Names that are known; the empty name is the server as a whole. */
    HealthService(Set<String> services) {
        this.services = services;
    }

    void addTo(RpcServer server) {
        server.unary(CHECK, request -> Future.succeededFuture(check(request.getService())))
                .unary(LIST, request -> Future.succeededFuture(list()))
                .serverStream(WATCH, (request, out) -> watch(request.getService(), out));
    }

    /** Tells all that watch. */
    void become(ServingStatus now) {
        if (status == now) {
            return;
        }
        status = now;
        Set.copyOf(watchers).forEach(watcher -> watcher.write(response(now)));
    }

    /** Ends all watches. */
    void end() {
        Set.copyOf(watchers).forEach(StreamWriter::end);
    }

    int watcherCount() {
        return watchers.size();
    }

    private HealthCheckResponse check(String service) {
        if (!isKnown(service)) {
            throw new NoSuchElementException("unknown service " + service);
        }
        return response(status);
    }

    private HealthListResponse list() {
        HealthListResponse.Builder all = HealthListResponse.newBuilder().putStatuses("", response(status));
        services.forEach(service -> all.putStatuses(service, response(status)));
        return all.build();
    }

    private void watch(String service, StreamWriter<HealthCheckResponse> out) {
        if (!isKnown(service)) {
            out.write(response(ServingStatus.SERVICE_UNKNOWN));
            return;
        }
        watchers.add(out);
        out.onClosed(cause -> watchers.remove(out));
        out.write(response(status));
    }

    private boolean isKnown(String service) {
        return service.isEmpty() || services.contains(service);
    }

    private static HealthCheckResponse response(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }
}
