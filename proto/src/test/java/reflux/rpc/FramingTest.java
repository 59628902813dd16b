// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.CodecException;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.WireFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.v1.Goodbye;
import reflux.v1.ScoreOut;
import reflux.v1.TensorFrame;

/** Frames are written and read without protobuf, byte for byte as protobuf has them. */
class FramingTest {
    private static final int SEED = 5;
    private static final int PREFIX = 5;

    private final FrameMemory memory = new FrameMemory();
    private final GrpcMessageEncoder<ScoreOut> encoder = new FrameEncoder<>(GrpcMessageEncoder.encoder(), memory);
    private final GrpcMessageDecoder<ScoreOut> decoder =
            FrameDecoder.over(GrpcMessageDecoder.decoder(ScoreOut.getDefaultInstance()));

    private static ByteString random(int bytes) {
        byte[] data = new byte[bytes];
        new Random(SEED).nextBytes(data);
        return UnsafeByteOperations.unsafeWrap(data);
    }

    private static ScoreOut frame(ByteString data) {
        return ScoreOut.newBuilder()
                .setFrame(TensorFrame.newBuilder()
                        .setId("rollout-é")
                        .setTensor(3)
                        .setOffset(1L << 40)
                        .setCrc32C(-7)
                        .setData(data))
                .build();
    }

    private Buffer sent(ScoreOut message) {
        List<Buffer> written = new ArrayList<>();
        Buffer payload = encoder.encode(message, WireFormat.PROTOBUF).payload();
        Framing.send(payload, false, memory, buffer -> {
            written.add(buffer.copy());
            return Future.succeededFuture();
        });
        return written.get(0);
    }

    private ScoreOut received(Buffer payload) throws CodecException {
        return decoder.decode(GrpcMessage.message("identity", WireFormat.PROTOBUF, payload));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 100_000, 256 << 10, 300_000})
    void frameOfAnySize_isWrittenAsProtobufWritesIt(int bytes) throws CodecException {
        ScoreOut message = frame(random(bytes));

        Buffer sent = sent(message);

        assertThat(sent.getByte(0)).isZero();
        assertThat(sent.getInt(1)).isEqualTo(sent.length() - PREFIX);
        assertThat(sent.getBytes(PREFIX, sent.length())).isEqualTo(message.toByteArray());
        assertThat(received(sent.slice(PREFIX, sent.length()))).isEqualTo(message);
    }

    @Test
    void frameInDirectMemory_isWrittenAsProtobufWritesIt() {
        ByteBuffer direct = ByteBuffer.allocateDirect(10_000);
        direct.put(random(10_000).toByteArray()).flip();
        ScoreOut message = frame(UnsafeByteOperations.unsafeWrap(direct));

        assertThat(sent(message).getBytes(PREFIX, PREFIX + message.getSerializedSize()))
                .isEqualTo(message.toByteArray());
    }

    @Test
    void frameInPieces_isWrittenAndReadWhole() throws CodecException {
        ScoreOut whole = frame(random(50_000));
        ByteString inPieces =
                random(50_000).substring(0, 20_000).concat(random(50_000).substring(20_000));

        Buffer sent = sent(frame(inPieces));

        assertThat(received(sent.slice(PREFIX, sent.length()))).isEqualTo(whole);
    }

    @Test
    void otherMessage_goesThroughProtobuf() throws CodecException {
        ScoreOut goodbye = ScoreOut.newBuilder()
                .setGoodbye(Goodbye.newBuilder().setReason("x".repeat(5_000)))
                .build();

        Buffer sent = sent(goodbye);

        assertThat(sent.getBytes(PREFIX, sent.length())).isEqualTo(goodbye.toByteArray());
        assertThat(received(sent.slice(PREFIX, sent.length()))).isEqualTo(goodbye);
    }

    @Test
    void frameWhoseFieldsAreInAnotherOrder_isReadByProtobuf() throws Exception {
        byte[] fields = new byte[5_100];
        CodedOutputStream frame = CodedOutputStream.newInstance(fields);
        frame.writeBytes(TensorFrame.DATA_FIELD_NUMBER, random(5_000));
        frame.writeUInt32(TensorFrame.TENSOR_FIELD_NUMBER, 9);
        byte[] message = new byte[5_200];
        CodedOutputStream out = CodedOutputStream.newInstance(message);
        out.writeByteArray(ScoreOut.FRAME_FIELD_NUMBER, fields, 0, frame.getTotalBytesWritten());
        byte[] bytes = Arrays.copyOf(message, out.getTotalBytesWritten());

        assertThat(received(Buffer.buffer(bytes))).isEqualTo(ScoreOut.parseFrom(bytes));
    }

    @Test
    void frameWithDataCutOff_isRefused() {
        byte[] bytes = frame(random(5_000)).toByteArray();

        assertThatThrownBy(() -> received(Buffer.buffer(Arrays.copyOf(bytes, 4_900))))
                .isInstanceOf(CodecException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 6, 1000, 70_000})
    void bytesInPieces_comeWholeMessageByWholeMessage(int pieceBytes) {
        List<Buffer> messages =
                List.of(sent(frame(random(9_000))), Buffer.buffer(new byte[PREFIX]), sent(frame(random(60_000))));
        Buffer all = Buffer.buffer();
        messages.forEach(all::appendBuffer);
        List<Buffer> handedOn = new ArrayList<>();
        WholeMessages whole = new WholeMessages(handedOn::add, 1 << 20);

        for (int at = 0; at < all.length(); at += pieceBytes) {
            whole.handle(all.slice(at, Math.min(all.length(), at + pieceBytes)));
        }

        assertThat(handedOn.stream().map(Buffer::getBytes)).containsExactlyElementsOf(bytes(messages));
    }

    @Test
    void messageThatIsTooLarge_isHandedOnAsItComes() {
        List<Buffer> handedOn = new ArrayList<>();
        WholeMessages whole = new WholeMessages(handedOn::add, 100);
        Buffer large = Buffer.buffer().appendByte((byte) 0).appendInt(101).appendBytes(new byte[20]);

        whole.handle(large.slice(0, 3));
        whole.handle(large.slice(3, 10));
        whole.handle(large.slice(10, 25));

        assertThat(handedOn.stream().mapToInt(Buffer::length)).containsExactly(10, 15);
    }

    private static List<byte[]> bytes(List<Buffer> buffers) {
        return buffers.stream().map(Buffer::getBytes).toList();
    }
}
