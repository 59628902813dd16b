// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Sample;
import reflux.rpc.PeerAddress;
import reflux.rpc.ReplicaState;
import reflux.rpc.RpcException;

/**
 * Gets each rollout's response from where its origin says; then all pass the generators' one door, where they are put into the
 * student's tokens and scored. What a teacher is to answer is first sampled by a generator that serves the teacher's weights;
 * asked for again, it is sampled alike. Confined to the learner's context.
 */
public final class ResponseSources {
    private final RolloutClient students;
    private final Optional<RolloutClient> teachers;

    /**
     * @param students the generators of the student
     * @param teachers makes the client of those that serve a teacher's weights; empty where there are none
     * @param receiver told of what became of every rollout
     */
    public ResponseSources(
            RolloutClient students,
            Optional<Function<RolloutClient.Receiver, RolloutClient>> teachers,
            RolloutClient.Receiver receiver) {
        this.students = students;
        this.teachers = teachers.map(make -> make.apply(new Answers(students, receiver)));
    }

    /** Asks for a rollout. Replayed ones are there already: IllegalArgumentException. */
    public void request(Admitted admitted) {
        switch (admitted.origin()) {
            case FILE, FEED -> students.request(admitted);
            case DATASET -> students.request(admitted, new GivenResponse(admitted.response(), false));
            case TEACHER ->
                teachers.orElseThrow(() -> new IllegalArgumentException(
                                "rollout " + admitted.id() + " is to be answered by a teacher; name seq_kd_generators"))
                        .request(admitted);
            case REPLAY -> throw new IllegalArgumentException("rollout " + admitted.id() + " is replayed");
        }
    }

    /** The student's generators that may be asked from now on. */
    public void members(Collection<PeerAddress> generators) {
        students.members(generators);
    }

    /** The student's generators, then the teachers'. */
    public List<ReplicaState> replicas() {
        List<ReplicaState> replicas = new ArrayList<>(students.replicas());
        teachers.ifPresent(client -> replicas.addAll(client.replicas()));
        return replicas;
    }

    public Future<Void> close() {
        return teachers.map(RolloutClient::close)
                .orElse(Future.succeededFuture())
                .eventually(students::close);
    }

    /** What teachers answered goes on to the student's generators. */
    private record Answers(RolloutClient students, RolloutClient.Receiver receiver) implements RolloutClient.Receiver {
        @Override
        public void sampled(Sample answer) {
            students.request(answer.admitted(), GivenResponse.of(answer));
        }

        @Override
        public void refused(Admitted admitted, RpcException cause) {
            receiver.refused(admitted, cause);
        }

        @Override
        public void mismatched(String fact) {
            receiver.mismatched(fact);
        }
    }
}
