// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorSource;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.DataType;
import reflux.v1.DescribeTeacherRequest;
import reflux.v1.FetchLmHeadRequest;
import reflux.v1.HeadOut;
import reflux.v1.ModelCard;
import reflux.v1.TeacherCard;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.TensorAssembler;

/**
 * Gets the teacher's LM head once: from the disk if a head of the teachers' fingerprint lies there, else from any teacher.
 * Waits while there is no teacher. Confined to the learner's context; reading and writing files happens on workers.
 */
public final class TeacherHeadSource {
    private static final Logger log = LoggerFactory.getLogger(TeacherHeadSource.class);
    private static final long RETRY_MILLIS = 500;
    private static final int TRIES_PER_WARNING = 20;
    private static final long MAX_BYTES = 16L << 30;

    private final Vertx vertx;
    private final boolean withEmbeddings;
    private final Path cache;
    private final List<RpcClient> teachers;
    private boolean isClosed;

    /**
     * @param withEmbeddings whether the table of the input embeddings is needed too
     * @param cache directory of heads by fingerprint
     */
    public TeacherHeadSource(Vertx vertx, List<PeerAddress> teachers, boolean withEmbeddings, Path cache) {
        this.vertx = vertx;
        this.withEmbeddings = withEmbeddings;
        this.cache = cache;
        this.teachers = teachers.stream()
                .map(address -> RpcClient.create(vertx, address, ClientSettings.defaults()))
                .toList();
    }

    /** The head; fails with ContractMismatchException if the teachers that answer have different ones. */
    public Future<TeacherHead> fetch() {
        return fetch(1).eventually(this::close);
    }

    /** Gives up waiting. */
    public Future<Void> close() {
        isClosed = true;
        return Future.join(teachers.stream().map(RpcClient::close).toList()).mapEmpty();
    }

    private Future<TeacherHead> fetch(int attempt) {
        return describeAll().compose(this::fetchFrom).recover(cause -> {
            if (isClosed || cause instanceof ContractMismatchException || cause instanceof IllegalArgumentException) {
                return Future.failedFuture(cause);
            }
            if (attempt % TRIES_PER_WARNING == 0) {
                log.warn("waiting for a teacher addresses={} cause={}", addresses(), cause.getMessage());
            }
            Promise<Void> later = Promise.promise();
            vertx.setTimer(RETRY_MILLIS, timer -> later.complete());
            return later.future().compose(now -> fetch(attempt + 1));
        });
    }

    private record Answer(RpcClient teacher, ModelCard model) {}

    private Future<List<Answer>> describeAll() {
        List<Future<TeacherCard>> cards = teachers.stream()
                .map(teacher ->
                        teacher.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()))
                .toList();
        return Future.join(cards).transform(joined -> {
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < cards.size(); i++) {
                if (cards.get(i).succeeded()) {
                    answers.add(
                            new Answer(teachers.get(i), cards.get(i).result().getModel()));
                }
            }
            return answers.isEmpty() ? Future.failedFuture(joined.cause()) : Future.succeededFuture(answers);
        });
    }

    private Future<TeacherHead> fetchFrom(List<Answer> answers) {
        Answer first = answers.get(0);
        String fingerprint = first.model().getFingerprints().getLmHead();
        for (Answer other : answers) {
            if (!other.model().getFingerprints().getLmHead().equals(fingerprint)) {
                return Future.failedFuture(new ContractMismatchException(
                        "teachers " + first.teacher().peer() + " and "
                                + other.teacher().peer() + " have different LM heads; list teachers of one model"));
            }
        }
        if (!fingerprint.matches("[0-9a-f]{64}")) {
            return Future.failedFuture(new ContractMismatchException(
                    "teacher " + first.teacher().peer() + " gives no fingerprint of its LM head"));
        }
        Path file = cache.resolve(fingerprint + (withEmbeddings ? "-embeddings" : "") + ".safetensors");
        return vertx.<@Nullable TeacherHead>executeBlocking(() -> readCached(file, fingerprint))
                .compose(head -> head != null ? Future.succeededFuture(head) : download(first, fingerprint, file));
    }

    private static @Nullable TeacherHead readCached(Path file, String fingerprint) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            TeacherHead head = TeacherHead.of(fingerprint, file);
            log.info("LM head found on disk file={}", file);
            return head;
        } catch (RuntimeException e) {
            log.warn("LM head on disk is not usable and is fetched again file={} cause={}", file, e.getMessage());
            return null;
        }
    }

    private Future<TeacherHead> download(Answer from, String fingerprint, Path file) {
        DataType type = from.model().getComputeType() == DataType.DATA_TYPE_F32
                ? DataType.DATA_TYPE_F32
                : DataType.DATA_TYPE_BF16;
        Reception reception = new Reception();
        return from.teacher()
                .serverStream(
                        TeacherScoringGrpcClient.FetchLmHead,
                        FetchLmHeadRequest.newBuilder()
                                .setType(type)
                                .setWithEmbeddings(withEmbeddings)
                                .build(),
                        reception::accept)
                .completed()
                .compose(done -> vertx.executeBlocking(() -> {
                    TensorSource tensors = reception.tensors();
                    TeacherHead head = TeacherHead.of(fingerprint, tensors);
                    requireSame(from.model(), head);
                    requireEmbeddings(from.model(), head);
                    store(file, tensors);
                    return TeacherHead.of(fingerprint, file);
                }))
                .onSuccess(head -> log.info(
                        "LM head fetched teacher={} rows={} width={} type={}",
                        from.teacher().peer(),
                        head.rows(),
                        head.width(),
                        head.type()));
    }

    private static void requireSame(ModelCard card, TeacherHead head) {
        if (head.rows() != card.getPaddedVocabularySize()
                || head.width() != card.getHiddenSize()
                || !head.vocabulary()
                        .fingerprint()
                        .equals(card.getFingerprints().getTokenizer())) {
            throw new ContractMismatchException("the LM head [" + head.rows() + ", " + head.width()
                    + "] or the vocabulary that came is not that of the model card of " + card.getName());
        }
    }

    private void requireEmbeddings(ModelCard card, TeacherHead head) {
        if (withEmbeddings && head.embeddings().isEmpty()) {
            throw new ContractMismatchException("teacher " + card.getName() + " sends no input embeddings");
        }
    }

    private void store(Path file, TensorSource tensors) {
        try {
            Files.createDirectories(cache);
            Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
            SafetensorsWriter.write(temporary, tensors.tensors(), tensors::bytes, Map.of());
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("LM head cannot be stored in " + cache, e);
        }
    }

    private String addresses() {
        return teachers.stream()
                .map(teacher -> teacher.peer().toString())
                .toList()
                .toString();
    }

    /** The messages of one transfer. */
    private static final class Reception {
        private @Nullable TensorAssembler assembler;

        void accept(HeadOut message) {
            if (message.hasHeader()) {
                assembler = TensorAssembler.of(message.getHeader().getTensorsList(), MAX_BYTES);
            } else {
                announced().accept(message.getFrame());
            }
        }

        TensorSource tensors() {
            if (!announced().isComplete()) {
                throw new CorruptFrameException("the LM head ended after "
                        + announced().received() + " of " + announced().total() + " bytes");
            }
            return new ReceivedTensors(announced());
        }

        private TensorAssembler announced() {
            if (assembler == null) {
                throw new CorruptFrameException("the LM head began without its header");
            }
            return assembler;
        }
    }
}
