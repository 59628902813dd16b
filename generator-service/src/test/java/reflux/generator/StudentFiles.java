// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.GenerationConfig;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TrainedBpe;
import reflux.v1.TensorHeader;
import reflux.v1.WeightsManifest;
import reflux.wire.TensorHeaders;
import reflux.wire.WeightsDigest;

/** Random GPT-2 students in Hugging Face directories, all with one tokenizer. */
final class StudentFiles {
    private static final List<String> TEXT = List.of(
            "the generator samples from the student",
            "the teacher scores what the student said",
            "new weights are swapped between two decode steps");

    private StudentFiles() {}

    static Path write(Path dir, long seed) {
        return write(dir, seed, BpeTrainer.byteLevel(300).train(TEXT), 96);
    }

    /** The same with a tokenizer of fewer tokens. */
    static Path writeOfOtherTokenizer(Path dir, long seed) {
        return write(dir, seed, BpeTrainer.byteLevel(262).train(TEXT), 96);
    }

    static Path write(Path dir, long seed, int context) {
        return write(dir, seed, BpeTrainer.byteLevel(300).train(TEXT), context);
    }

    private static Path write(Path dir, long seed, TrainedBpe tokenizer, int context) {
        Path tokenizerDir = dir.resolveSibling(dir.getFileName() + "-tokenizer");
        tokenizer.write(tokenizerDir);
        Gpt2Config config =
                new Gpt2Config(304, 16, 64, 2, 2, context, 1e-5, "gelu_new", true, List.of(tokenizer.endId()));
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("writer", 1))) {
            thread.call(engine -> {
                Decoder decoder = Decoder.random(engine, config, seed);
                ModelDirectory.write(
                        dir,
                        config,
                        GenerationConfig.plain(config.eosIds()),
                        decoder.weights().infos(),
                        name -> decoder.weights().bytes(name),
                        tokenizerDir,
                        DataType.F32);
                decoder.close();
                return true;
            });
        }
        return dir;
    }

    /** The weights of a directory as a learner would send them. */
    static List<ByteBuffer> bytes(Path dir) {
        List<ByteBuffer> copies = new ArrayList<>();
        try (TensorSource source = ModelDirectory.open(dir).openWeights()) {
            for (TensorInfo info : source.tensors()) {
                ByteBuffer copy = ByteBuffer.allocate((int) info.bytes());
                copies.add(copy.put(source.bytes(info.name())).flip());
            }
        }
        return copies;
    }

    static WeightsManifest manifest(Path dir, long version) {
        WeightsManifest.Builder manifest =
                WeightsManifest.newBuilder().setPolicyVersion(version).setClientId("learner@test");
        long total = 0;
        try (TensorSource source = ModelDirectory.open(dir).openWeights()) {
            for (TensorInfo info : source.tensors()) {
                long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
                TensorHeader header = TensorHeaders.of(info.name(), reflux.v1.DataType.DATA_TYPE_F32, shape);
                manifest.addTensors(header);
                total += header.getBytes();
            }
        }
        return manifest.setTotalBytes(total)
                .setDigest(ByteString.copyFrom(WeightsDigest.of(bytes(dir))))
                .build();
    }

    static void delete(Path dir, String file) {
        try {
            Files.delete(dir.resolve(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
