// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import reflux.model.safetensors.Header.Place;

/**
 * One safetensors file, mapped into memory: whole if it is smaller than 2 GiB, else each tensor when it is asked for. A file that
 * is shortened while it is open ends the reader with an {@code InternalError}; replacing it by a rename is safe.
 */
public final class SafetensorsFile implements TensorSource {
    private final Path file;
    private final FileChannel channel;
    private final Header header;
    private final Optional<ByteBuffer> whole;

    private SafetensorsFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.header = HeaderReader.read(file, channel);
        long size = channel.size();
        this.whole =
                size <= Integer.MAX_VALUE ? Optional.of(channel.map(MapMode.READ_ONLY, 0, size)) : Optional.empty();
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
        Place place = place(name);
        Objects.checkFromIndexSize(offset, (long) length, place.info().bytes());
        if (!channel.isOpen()) {
            throw new IllegalStateException(file + " is closed");
        }
        long start = header.dataStart() + place.begin() + offset;
        return whole.map(all -> all.slice((int) start, length))
                .orElseGet(() -> mapped(start, length))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }

    private ByteBuffer mapped(long start, int length) {
        try {
            return channel.map(MapMode.READ_ONLY, start, length);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
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
