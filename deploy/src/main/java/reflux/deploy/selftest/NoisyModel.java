// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Weights;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;

/** A model near another: each weight times 1 + 0.1·g with g normal, seeded by the weight's name. */
final class NoisyModel {
    private static final double SHARE = 0.1;

    private NoisyModel() {}

    /** Writes it in f32. Blocks. */
    static Path write(Path directory, ModelDirectory origin, int threads) {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("noisy-model", threads))) {
            thread.call(engine -> {
                try (Decoder decoder = Decoder.load(engine, origin, DataType.F32)) {
                    Weights weights = decoder.weights();
                    ModelDirectory.write(
                            directory,
                            origin.config(),
                            origin.generation(),
                            weights.infos(),
                            name -> noisy(name, weights.bytes(name)),
                            origin.path(),
                            DataType.F32);
                }
                return true;
            });
        }
        return directory;
    }

    private static ByteBuffer noisy(String name, ByteBuffer values) {
        Random random = new Random(name.hashCode());
        ByteBuffer in = values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(in.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            out.putFloat((float) (in.getFloat() * (1 + SHARE * random.nextGaussian())));
        }
        return out.flip();
    }
}
