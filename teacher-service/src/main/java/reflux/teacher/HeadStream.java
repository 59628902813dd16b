// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import reflux.model.engine.DataType;
import reflux.model.text.Vocabulary;
import reflux.rpc.StreamWriter;
import reflux.v1.HeadHeader;
import reflux.v1.HeadOut;
import reflux.v1.TensorFrame;
import reflux.v1.TensorHeader;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

/**
 * Sends the LM head [V, D] and the vocabulary to one client, one part of the head at a time, at the client's pace. Confined
 * to the service's context.
 */
final class HeadStream {

    private static final int PART_BYTES = 16 * TensorFrames.FRAME_BYTES;

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
    static void send(Context context, TeacherModel model, reflux.v1.DataType asked, StreamWriter<HeadOut> out) {
        DataType type =
                switch (asked) {
                    case DATA_TYPE_UNSPECIFIED, DATA_TYPE_BF16 -> DataType.BF16;
                    case DATA_TYPE_F32 -> DataType.F32;
                    default -> throw new IllegalArgumentException("the LM head comes in BF16 or F32, not in " + asked);
                };
        HeadStream stream = new HeadStream(context, model, type, out);
        stream.header()
                .compose(sent -> stream.head(0))
                .compose(sent -> stream.vocabulary())
                .onSuccess(sent -> out.end())
                .onFailure(out::fail);
    }

    private Future<Void> header() {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        List<TensorHeader> tensors = List.of(
                TensorHeaders.of(
                        "lm_head",
                        WireTypes.toWire(type),
                        model.card().getPaddedVocabularySize(),
                        model.card().getHiddenSize()),
                TensorHeaders.of("vocab.bytes", reflux.v1.DataType.DATA_TYPE_U8, vocabulary.allBytes().length),
                TensorHeaders.of("vocab.ends", reflux.v1.DataType.DATA_TYPE_I32, vocabulary.size()),
                TensorHeaders.of("vocab.kinds", reflux.v1.DataType.DATA_TYPE_U8, vocabulary.size()));
        HeadHeader header = HeadHeader.newBuilder()
                .addAllTensors(tensors)
                .setModel(model.card())
                .build();
        return out.write(HeadOut.newBuilder().setHeader(header).build());
    }

    private Future<Void> head(long from) {
        if (from == elements) {
            return Future.succeededFuture();
        }
        if (!out.isOpen()) {
            return Future.failedFuture("the client is gone");
        }
        int count = (int) Math.min(PART_BYTES / type.bytes(), elements - from);
        return Future.fromCompletionStage(model.head(from, count, type), context)
                .compose(part -> frames(TensorFrames.cut("", List.of(part)), 0, from * type.bytes()))
                .compose(sent -> head(from + count));
    }

    private Future<Void> vocabulary() {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        ByteBuffer ends = ByteBuffer.allocate(4 * vocabulary.size()).order(ByteOrder.LITTLE_ENDIAN);
        ends.asIntBuffer().put(vocabulary.allEnds());
        List<ByteBuffer> tensors =
                List.of(ByteBuffer.wrap(vocabulary.allBytes()), ends, ByteBuffer.wrap(vocabulary.allKinds()));
        return frames(TensorFrames.cut("", tensors), 1, 0);
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
