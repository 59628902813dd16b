// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import reflux.model.engine.DataType;
import reflux.model.text.Vocabulary;
import reflux.rpc.StreamWriter;
import reflux.v1.FetchLmHeadRequest;
import reflux.v1.HeadHeader;
import reflux.v1.HeadOut;
import reflux.v1.TensorFrame;
import reflux.v1.TensorHeader;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

/**
 * Sends the LM head [V, D], the vocabulary and, if asked, the input embeddings [V, D] to one client, one part of a table at a
 * time, at the client's pace. Confined to the service's context.
 */
final class HeadStream {

    private static final int PART_BYTES = 16 * TensorFrames.FRAME_BYTES;
    private static final int HEAD = 0;
    private static final int VOCABULARY = 1;
    private static final int EMBEDDINGS = 4;

    /** A table [V, D] of the model, given in parts. */
    private interface Table {
        CompletableFuture<ByteBuffer> part(long from, int count, DataType type);
    }

    private final Context context;
    private final TeacherModel model;
    private final DataType type;
    private final StreamWriter<HeadOut> out;
    private final long elements;

    private HeadStream(Context context, TeacherModel model, DataType type, StreamWriter<HeadOut> out) {
        this.context = context;
        this.model = model;
        this.type = type;
        this.out = out;
        this.elements =
                (long) model.card().getPaddedVocabularySize() * model.card().getHiddenSize();
    }

    /** Sends all and ends the stream, or fails it. */
    static void send(Context context, TeacherModel model, FetchLmHeadRequest request, StreamWriter<HeadOut> out) {
        DataType type =
                switch (request.getType()) {
                    case DATA_TYPE_UNSPECIFIED, DATA_TYPE_BF16 -> DataType.BF16;
                    case DATA_TYPE_F32 -> DataType.F32;
                    default ->
                        throw new IllegalArgumentException(
                                "the LM head comes in BF16 or F32, not in " + request.getType());
                };
        HeadStream stream = new HeadStream(context, model, type, out);
        boolean hasEmbeddings = request.getWithEmbeddings();
        stream.header(hasEmbeddings)
                .compose(sent -> stream.table(HEAD, model::head, 0))
                .compose(sent -> stream.vocabulary())
                .compose(sent ->
                        hasEmbeddings ? stream.table(EMBEDDINGS, model::embeddings, 0) : Future.succeededFuture())
                .onSuccess(sent -> out.end())
                .onFailure(out::fail);
    }

    private Future<Void> header(boolean hasEmbeddings) {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        List<TensorHeader> tensors = new ArrayList<>(List.of(
                table("lm_head"),
                TensorHeaders.of("vocab.bytes", reflux.v1.DataType.DATA_TYPE_U8, vocabulary.allBytes().length),
                TensorHeaders.of("vocab.ends", reflux.v1.DataType.DATA_TYPE_I32, vocabulary.size()),
                TensorHeaders.of("vocab.kinds", reflux.v1.DataType.DATA_TYPE_U8, vocabulary.size())));
        if (hasEmbeddings) {
            tensors.add(table("embeddings"));
        }
        HeadHeader header = HeadHeader.newBuilder()
                .addAllTensors(tensors)
                .setModel(model.card())
                .build();
        return out.write(HeadOut.newBuilder().setHeader(header).build());
    }

    private TensorHeader table(String name) {
        return TensorHeaders.of(
                name,
                WireTypes.toWire(type),
                model.card().getPaddedVocabularySize(),
                model.card().getHiddenSize());
    }

    private Future<Void> table(int tensor, Table table, long from) {
        if (from == elements) {
            return Future.succeededFuture();
        }
        if (!out.isOpen()) {
            return Future.failedFuture("the client is gone");
        }
        int count = (int) Math.min(PART_BYTES / type.bytes(), elements - from);
        return Future.fromCompletionStage(table.part(from, count, type), context)
                .compose(part -> frames(TensorFrames.cut("", List.of(part)), tensor, from * type.bytes()))
                .compose(sent -> table(tensor, table, from + count));
    }

    private Future<Void> vocabulary() {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        ByteBuffer ends = ByteBuffer.allocate(4 * vocabulary.size()).order(ByteOrder.LITTLE_ENDIAN);
        ends.asIntBuffer().put(vocabulary.allEnds());
        List<ByteBuffer> tensors =
                List.of(ByteBuffer.wrap(vocabulary.allBytes()), ends, ByteBuffer.wrap(vocabulary.allKinds()));
        return frames(TensorFrames.cut("", tensors), VOCABULARY, 0);
    }

    /** Sends frames whose tensor 0 is the stream's tensor {@code first}, and whose offset 0 is {@code base}. */
    private Future<Void> frames(TensorFrames frames, int first, long base) {
        while (frames.hasNext()) {
            TensorFrame cut = frames.next();
            TensorFrame frame = cut.toBuilder()
                    .setTensor(first + cut.getTensor())
                    .setOffset(base + cut.getOffset())
                    .build();
            Future<Void> written =
                    out.write(HeadOut.newBuilder().setFrame(frame).build());
            if (!written.succeeded()) {
                return written.compose(later -> frames(frames, first, base));
            }
        }
        return Future.succeededFuture();
    }
}
