// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What the kernel lets through on loopback: blocking TCP sockets, direct memory, one thread for each end, no protocol, no checksum
 * and no copy but the kernel's.
 */
final class RawTcp {
    /** Bytes of one write, as many as a frame has. */
    static final int CHUNK_BYTES = 256 << 10;

    private RawTcp() {}

    /** Work that may fail to read or write. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    /** Two ends of one connection. */
    private record Link(SocketChannel out, SocketChannel in) implements AutoCloseable {
        static Link open() throws IOException {
            try (ServerSocketChannel door = ServerSocketChannel.open()) {
                door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel out = SocketChannel.open(door.getLocalAddress());
                out.setOption(StandardSocketOptions.TCP_NODELAY, true);
                return new Link(out, door.accept());
            }
        }

        @Override
        public void close() throws IOException {
            out.close();
            in.close();
        }
    }

    /** Seconds that so many bytes take from a source over a relay to a sink. */
    static double relaySeconds(long bytes) throws IOException {
        try (Link first = Link.open();
                Link second = Link.open()) {
            long start = System.nanoTime();
            List<CompletableFuture<Void>> ends = List.of(
                    begin("raw-source", () -> send(first.out(), bytes)),
                    begin("raw-relay", () -> pass(first.in(), second.out(), bytes)),
                    begin("raw-sink", () -> receive(second.in(), bytes)));
            ends.forEach(CompletableFuture::join);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** Seconds that so many bytes take from one source to each of the receivers, all at once. */
    static double fanOutSeconds(long bytes, int receivers) throws IOException {
        List<Link> links = new ArrayList<>();
        try {
            for (int i = 0; i < receivers; i++) {
                links.add(Link.open());
            }
            long start = System.nanoTime();
            List<CompletableFuture<Void>> ends = new ArrayList<>();
            for (Link link : links) {
                ends.add(begin("raw-source", () -> send(link.out(), bytes)));
                ends.add(begin("raw-receiver", () -> receive(link.in(), bytes)));
            }
            ends.forEach(CompletableFuture::join);
            return (System.nanoTime() - start) / 1e9;
        } finally {
            for (Link link : links) {
                link.close();
            }
        }
    }

    private static void send(SocketChannel to, long bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (long left = bytes; left > 0; left -= chunk.limit()) {
            chunk.clear().limit((int) Math.min(left, CHUNK_BYTES));
            while (chunk.hasRemaining()) {
                to.write(chunk);
            }
        }
    }

    private static void pass(SocketChannel from, SocketChannel to, long bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (long left = bytes; left > 0; left -= chunk.limit()) {
            read(from, chunk);
            chunk.flip();
            while (chunk.hasRemaining()) {
                to.write(chunk);
            }
        }
    }

    private static void receive(SocketChannel from, long bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (long left = bytes; left > 0; left -= chunk.position()) {
            read(from, chunk);
        }
    }

    private static void read(SocketChannel from, ByteBuffer chunk) throws IOException {
        if (from.read(chunk.clear()) < 0) {
            throw new EOFException("the other end is gone");
        }
    }

    private static CompletableFuture<Void> begin(String name, Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                        done.complete(null);
                    } catch (IOException e) {
                        done.completeExceptionally(new CompletionException(e));
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return done;
    }
}
