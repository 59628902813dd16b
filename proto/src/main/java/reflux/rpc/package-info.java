// SPDX-License-Identifier: Apache-2.0
/**
 * What all services need of gRPC, once: a server with health, reflection, pings and drain; a client to one peer; safe
 * writes; credits; and lanes, a pool of streams to replicas. No tensors and no engine live here.
 *
 * <p>Everything of one server, client or pool runs on one Vert.x context, the one it was created on (or a new one): handlers
 * are called there, and state that only they touch needs no lock. Public methods may be called from any thread.
 *
 * <p>A service:
 *
 * <pre>{@code
 * RpcServer server = RpcServer.create(vertx, ServerSettings.at("127.0.0.1", 7101), TeacherScoringGrpcService.SERVICE_DESCRIPTOR)
 *     .unary(TeacherScoringGrpcService.Describe, request -> Future.succeededFuture(card))
 *     .serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> head.sendTo(out))
 *     .bidi(TeacherScoringGrpcService.Score, (in, out) -> {
 *         CreditGate gate = new CreditGate(64, n -> out.write(credit(n)));
 *         out.onClosed(cause -> cancelWorkOfThisStream());         // once, also after end() and fail()
 *         out.onDrain(() -> { gate.stop(); out.write(goodbye()); });   // a client that is told goodbye half-closes
 *         in.onEnd(() -> gate.finish(out::end));                   // it half-closed: end when nothing is under way
 *         in.read(message -> {                                     // an exception here fails the stream by FailureStatus
 *             switch (message.getKindCase()) {
 *                 case HELLO -> { out.write(welcome()); gate.open(message.getHello().getWanted()); }
 *                 case SCORE -> { gate.take(); score(message.getScore()).onComplete(done -> gate.release()); }
 *                 ...
 *             }
 *         });
 *     });
 * server.start().onSuccess(port -> ...);                           // SERVING from here on
 * server.drain(Duration.ofSeconds(30));                            // NOT_SERVING, onDrain of each stream, then closed
 * }</pre>
 *
 * <p>A client, to one peer (control connection for calls, bulk connection for streams):
 *
 * <pre>{@code
 * RpcClient client = RpcClient.create(vertx, PeerAddress.parse("127.0.0.1:7101"), ClientSettings.defaults());
 * client.call(TeacherScoringGrpcClient.Describe, request);                      // Future<TeacherCard>, fails with RpcException
 * client.serverStream(TeacherScoringGrpcClient.FetchLmHead, request, head -> assemble(head)).completed();
 * ClientStream<PublishIn, PublishOut> publish = client.bidi(StudentGeneratorGrpcClient.PublishWeights, manifest, this::answer);
 * publish.writer().write(frame).compose(done -> next());                        // the future paces the writer
 * }</pre>
 *
 * <p>A client of several replicas, placed per item:
 *
 * <pre>{@code
 * Lanes<ScoreIn, ScoreOut> teachers = Lanes.create(vertx, TeacherScoringGrpcClient.Score, new ScoreProtocol(), LaneSettings.defaults());
 * teachers.onReplica(state -> log.info("replica={} state={}", state.address(), state.phase()));
 * teachers.members(addresses);
 * teachers.submit(new LaneItem<>(id, tokens, scoreIn), listener);               // listener: started, message, done, failed
 * }</pre>
 */
@NullMarked
package reflux.rpc;

import org.jspecify.annotations.NullMarked;
