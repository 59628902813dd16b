// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static reflux.rpc.Awaiting.await;
import static reflux.rpc.Awaiting.failureOf;
import static reflux.rpc.Awaiting.until;

import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.grpc.health.v1.HealthListRequest;
import io.vertx.grpc.health.v1.HealthListResponse;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.reflection.v1.ServiceResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.v1.LearnerGrpcService;
import reflux.v1.TeacherScoringGrpcService;

class HealthTest {
    private static final ServiceName HEALTH = ServiceName.create("grpc.health.v1.Health");
    private static final ServiceMethod<HealthCheckResponse, HealthCheckRequest> CHECK = ServiceMethod.client(
            HEALTH,
            "Check",
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.decoder(HealthCheckResponse.newBuilder()));
    private static final ServiceMethod<HealthListResponse, HealthListRequest> LIST = ServiceMethod.client(
            HEALTH, "List", GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(HealthListResponse.newBuilder()));
    private static final ServiceMethod<HealthCheckResponse, HealthCheckRequest> WATCH = ServiceMethod.client(
            HEALTH,
            "Watch",
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.decoder(HealthCheckResponse.newBuilder()));
    private static final ServiceMethod<ServerReflectionResponse, ServerReflectionRequest> REFLECT =
            ServiceMethod.client(
                    ServiceName.create("grpc.reflection.v1.ServerReflection"),
                    "ServerReflectionInfo",
                    GrpcMessageEncoder.encoder(),
                    GrpcMessageDecoder.decoder(ServerReflectionResponse.newBuilder()));
    private static final String TEACHER = "reflux.v1.TeacherScoring";

    private Vertx vertx;
    private RpcServer server;
    private RpcClient client;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        server = RpcServer.create(
                vertx,
                ServerSettings.at("127.0.0.1", 0),
                TeacherScoringGrpcService.SERVICE_DESCRIPTOR,
                LearnerGrpcService.SERVICE_DESCRIPTOR);
        client =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", await(server.start())), ClientSettings.defaults());
    }

    @AfterEach
    void stop() throws Exception {
        await(client.close());
        await(server.close());
        await(vertx.close());
    }

    @Test
    void check_tellsEachServiceAndTheWhole() throws Exception {
        for (String service : List.of("", TEACHER, "reflux.v1.Learner")) {
            assertThat(await(client.call(CHECK, request(service))).getStatus()).isEqualTo(ServingStatus.SERVING);
        }
        server.notServing();
        assertThat(await(client.call(CHECK, request(TEACHER))).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    }

    @Test
    void checkOfUnknownService_notFound() throws Exception {
        assertThat(failureOf(client.call(CHECK, request("nope"))).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    }

    @Test
    void list_namesAllServices() throws Exception {
        assertThat(await(client.call(LIST, HealthListRequest.getDefaultInstance()))
                        .getStatusesMap()
                        .keySet())
                .containsExactlyInAnyOrder("", TEACHER, "reflux.v1.Learner");
    }

    @Test
    void watch_tellsTheChangeOnDrainAndEnds() throws Exception {
        List<ServingStatus> seen = new CopyOnWriteArrayList<>();
        ClientStream<?, ?> watch = client.serverStream(WATCH, request(TEACHER), now -> seen.add(now.getStatus()));
        until(() -> seen.size() == 1);

        await(server.drain(Duration.ofSeconds(5)));

        await(watch.completed());
        assertThat(seen).containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
    }

    @Test
    void watchCancelled_serverForgetsIt() throws Exception {
        List<ServingStatus> seen = new CopyOnWriteArrayList<>();
        ClientStream<?, ?> watch = client.serverStream(WATCH, request(""), now -> seen.add(now.getStatus()));
        until(() -> seen.size() == 1);
        assertThat(server.watcherCount()).isEqualTo(1);

        watch.cancel();

        until(() -> server.watcherCount() == 0);
    }

    @Test
    void reflection_listsTheServices() throws Exception {
        List<String> names = new CopyOnWriteArrayList<>();
        ClientStream<?, ?> stream = client.serverStream(
                REFLECT,
                ServerReflectionRequest.newBuilder().setListServices("*").build(),
                answer -> answer.getListServicesResponse().getServiceList().stream()
                        .map(ServiceResponse::getName)
                        .forEach(names::add));

        until(() -> names.size() >= 4);

        stream.cancel();
        assertThat(names).contains(TEACHER, "reflux.v1.Learner", "grpc.health.v1.Health");
    }

    private static HealthCheckRequest request(String service) {
        return HealthCheckRequest.newBuilder().setService(service).build();
    }
}
