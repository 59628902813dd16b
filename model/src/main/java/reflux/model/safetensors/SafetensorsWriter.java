// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/**
 * Writes a safetensors file whole or not at all: into a file beside it that takes its name at the end, after the bytes are on the
 * disk. Tensors of wider types come first, so that all data is aligned; otherwise the order given stays.
 */
public final class SafetensorsWriter implements AutoCloseable {
    private final Path file;
    private final Path unfinished;
    private final FileChannel channel;
    private final List<TensorInfo> order;
    private final long dataBytes;
    private long written;

    private SafetensorsWriter(Path file, List<TensorInfo> order, Map<String, String> metadata) throws IOException {
        this.file = file.toAbsolutePath();
        this.order = order;
        this.dataBytes = order.stream().mapToLong(TensorInfo::bytes).reduce(0, Math::addExact);
        byte[] header = header(order, metadata);
        this.unfinished = this.file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        this.channel = FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        writeFully(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .flip());
        writeFully(ByteBuffer.wrap(header));
    }

    /** Writes tensors; {@code bytes} is asked once for the little-endian data of each. Metadata {@code format: pt} is added. */
    public static void write(
            Path file, List<TensorInfo> tensors, Function<String, ByteBuffer> bytes, Map<String, String> metadata) {
        try (SafetensorsWriter writer = create(file, tensors, metadata)) {
            for (TensorInfo tensor : writer.order()) {
                ByteBuffer data = bytes.apply(tensor.name());
                if (data.remaining() != tensor.bytes()) {
                    throw new IllegalArgumentException("tensor '" + tensor.name() + "' must have " + tensor.bytes()
                            + " bytes, was given " + data.remaining());
                }
                writer.append(data);
            }
            writer.finish();
        }
    }

    /** Begins a file. The data of all tensors must follow in the {@link #order}, in parts of any size; then {@link #finish}. */
    public static SafetensorsWriter create(Path file, List<TensorInfo> tensors, Map<String, String> metadata) {
        if (tensors.stream().map(TensorInfo::name).distinct().count() != tensors.size()) {
            throw new IllegalArgumentException("two tensors have one name");
        }
        List<TensorInfo> order = tensors.stream()
                .sorted(Comparator.comparing(
                                (TensorInfo tensor) -> tensor.type().bytes())
                        .reversed())
                .toList();
        try {
            return new SafetensorsWriter(file, order, metadata);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** The order in which the data must be appended. */
    public List<TensorInfo> order() {
        return order;
    }

    /** The next bytes of the data; consumes the buffer. */
    public void append(ByteBuffer part) {
        if (part.remaining() > dataBytes - written) {
            throw new IllegalStateException(
                    file + " takes " + (dataBytes - written) + " bytes more, was given " + part.remaining());
        }
        written += part.remaining();
        try {
            writeFully(part.duplicate());
            part.position(part.limit());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Makes the file appear. Throws {@code IllegalStateException} if data is missing. */
    public void finish() {
        if (written != dataBytes) {
            throw new IllegalStateException(file + " lacks " + (dataBytes - written) + " bytes of data");
        }
        try {
            channel.force(true);
            channel.close();
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(file.getParent())) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Drops what was written unless {@link #finish} was called. */
    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + unfinished, e);
        }
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] header(List<TensorInfo> order, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("__metadata__");
            Map<String, String> all = new TreeMap<>(metadata);
            all.putIfAbsent("format", "pt");
            for (Map.Entry<String, String> entry : all.entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            long offset = 0;
            for (TensorInfo tensor : order) {
                writeEntry(json, tensor, offset);
                offset += tensor.bytes();
            }
            json.writeEndObject();
        }
        while (text.size() % 8 != 0) {
            text.write(' ');
        }
        return text.toByteArray();
    }

    private static void writeEntry(JsonGenerator json, TensorInfo tensor, long offset) throws IOException {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().name());
        json.writeArrayFieldStart("shape");
        for (long axis : tensor.shape()) {
            json.writeNumber(axis);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(offset);
        json.writeNumber(offset + tensor.bytes());
        json.writeEndArray();
        json.writeEndObject();
    }
}
