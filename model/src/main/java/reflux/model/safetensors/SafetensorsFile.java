// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import reflux.model.safetensors.Header.Place;

/**
 * One safetensors file, of which is read what is asked for: nothing of it stays in memory. Replacing it by a rename while it is
 * open is safe; of one that is shortened meanwhile, reading what is gone ends with a {@link SafetensorsException}.
 */
public final class SafetensorsFile implements TensorSource {
    /** Java copies what goes to its heap through direct memory of a read's size, which it keeps. */
    private static final int PIECE_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final Header header;

    private SafetensorsFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.header = HeaderReader.read(file, channel);
    }

    /** Throws {@link SafetensorsException} if the file is not sound, {@code UncheckedIOException} if it cannot be read. */
    public static SafetensorsFile open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new SafetensorsException(file, "", "is no file");
        }
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return new SafetensorsFile(file, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    @Override
    public List<TensorInfo> tensors() {
        return header.tensors().values().stream().map(Place::info).toList();
    }

    /** The strings of {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Map.copyOf(header.metadata());
    }

    @Override
    public boolean has(String name) {
        return header.tensors().containsKey(name);
    }

    @Override
    public TensorInfo info(String name) {
        return place(name).info();
    }

    @Override
    public ByteBuffer bytes(String name) {
        long size = info(name).bytes();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    file + ": tensor '" + name + "' has " + size + " bytes; more than 2 GiB must be read in parts");
        }
        return bytes(name, 0, (int) size);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        Objects.checkFromIndexSize(offset, (long) length, info(name).bytes());
        ByteBuffer copy = ByteBuffer.allocate(length);
        read(name, offset, copy);
        return copy.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void read(String name, long offset, ByteBuffer to) {
        Place place = place(name);
        Objects.checkFromIndexSize(offset, (long) to.remaining(), place.info().bytes());
        if (!channel.isOpen()) {
            throw new IllegalStateException(file + " is closed");
        }
        long at = header.dataStart() + place.begin() + offset;
        try {
            while (to.hasRemaining()) {
                int count = channel.read(to.slice(to.position(), Math.min(to.remaining(), PIECE_BYTES)), at);
                if (count < 0) {
                    throw new SafetensorsException(file, name, "ends at byte " + at + ": the file became shorter");
                }
                to.position(to.position() + count);
                at += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }

    private Place place(String name) {
        Place place = header.tensors().get(name);
        if (place == null) {
            throw new NoSuchElementException(file + " has no tensor '" + name + "'");
        }
        return place;
    }
}
