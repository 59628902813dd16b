// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * Hands a call's bytes on message by message, each in one buffer over the pieces that it came in: Vert.x's deframer copies pieces,
 * whole messages it does not. From a message that is too large on it hands on what comes, and the deframer refuses.
 */
final class WholeMessages implements Handler<Buffer> {
    private static final int PREFIX_BYTES = 5;

    private final Handler<Buffer> deframer;
    private final long maxMessageBytes;
    private final byte[] prefix = new byte[PREFIX_BYTES];
    private final List<ByteBuf> pieces = new ArrayList<>();
    private long have;
    private long need;
    private boolean isPassing;

    WholeMessages(Handler<Buffer> deframer, long maxMessageBytes) {
        this.deframer = deframer;
        this.maxMessageBytes = maxMessageBytes;
    }

    @Override
    public void handle(Buffer piece) {
        if (isPassing) {
            deframer.handle(piece);
        } else {
            cut(((BufferInternal) piece).getByteBuf());
        }
    }

    private void cut(ByteBuf bytes) {
        int size = bytes.readableBytes();
        int begin = 0;
        int at = 0;
        while (at < size) {
            if (have < PREFIX_BYTES) {
                prefix[(int) have++] = bytes.getByte(bytes.readerIndex() + at++);
                if (have == PREFIX_BYTES && !isTaken()) {
                    break;
                }
            } else {
                int more = (int) Math.min(need - have, size - at);
                at += more;
                have += more;
            }
            if (have >= PREFIX_BYTES && have == need) {
                pieces.add(bytes.slice(bytes.readerIndex() + begin, at - begin));
                begin = at;
                handOn();
            }
        }
        if (begin < size) {
            pieces.add(bytes.slice(bytes.readerIndex() + begin, size - begin));
        }
        if (isPassing) {
            handOn();
        }
    }

    /** Whether a message of the length that its prefix says is waited for. */
    private boolean isTaken() {
        long length = 0;
        for (int i = 1; i < PREFIX_BYTES; i++) {
            length = (length << Byte.SIZE) | (prefix[i] & 0xffL);
        }
        need = PREFIX_BYTES + length;
        isPassing = length > maxMessageBytes;
        return !isPassing;
    }

    private void handOn() {
        ByteBuf whole = pieces.size() == 1
                ? pieces.get(0)
                : Unpooled.wrappedBuffer(pieces.size(), pieces.toArray(ByteBuf[]::new));
        pieces.clear();
        have = 0;
        deframer.handle(BufferInternal.buffer(whole));
    }
}
