// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.MergedWeights;
import reflux.model.engine.DataType;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;

/** Writes a decoder's weights as a whole Hugging Face directory: first beside the place, then moved into it. */
public final class SavedModel {
    private SavedModel() {}

    /** Call on the engine thread. An adapter is folded in. The tokenizer and generation settings are taken from {@code origin}. */
    public static void write(Decoder decoder, ModelDirectory origin, Path directory, DataType type) {
        Path target = directory.toAbsolutePath().normalize();
        Path staged = target.resolveSibling("." + target.getFileName() + ".new");
        try {
            deleteTree(staged);
            Files.createDirectories(staged);
            MergedWeights weights = new MergedWeights(decoder);
            List<TensorInfo> infos =
                    weights.infos().stream().map(info -> retyped(info, type)).toList();
            ModelDirectory.write(
                    staged,
                    decoder.config(),
                    origin.generation(),
                    infos,
                    name -> type == DataType.BF16 ? bfloat16(weights.bytes(name)) : weights.bytes(name),
                    origin.path(),
                    type);
            replace(staged, target);
        } catch (IOException e) {
            throw new UncheckedIOException(target + ": the model cannot be written: " + e.getMessage(), e);
        }
    }

    private static TensorInfo retyped(TensorInfo info, DataType type) {
        long count = info.bytes() / info.type().bytes();
        return new TensorInfo(info.name(), type, info.shape(), count * type.bytes());
    }

    /** Rounds f32 to bf16, to nearest and ties to even; NaN stays NaN. */
    static ByteBuffer bfloat16(ByteBuffer floats) {
        ByteBuffer in = floats.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(in.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int bits = in.getInt();
            boolean nan = (bits & 0x7fffffff) > 0x7f800000;
            int rounded = nan ? bits | 0x00400000 : bits + 0x7fff + ((bits >>> 16) & 1);
            out.putShort((short) (rounded >>> 16));
        }
        return out.flip();
    }

    private static void replace(Path staged, Path target) throws IOException {
        Path old = target.resolveSibling("." + target.getFileName() + ".old");
        deleteTree(old);
        if (Files.exists(target)) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
        deleteTree(old);
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
