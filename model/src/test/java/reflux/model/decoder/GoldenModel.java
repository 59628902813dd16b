// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.TensorInfo;

/** A model directory of transformers and what it computed there: see family_golden.py. */
record GoldenModel(String name) {
    /** Ids of each row that greedy continuations begin with, and how many they add. */
    static final int PROMPT = 5;

    static final int NEW_TOKENS = 16;
    private static final Path ROOT = Path.of("src/test/resources/reflux/model/families");
    private static final String GRADIENT = "gradient.";

    static Stream<GoldenModel> all() throws IOException {
        try (Stream<Path> paths = Files.list(ROOT)) {
            return paths
                    .map(path -> new GoldenModel(path.getFileName().toString()))
                    .sorted(java.util.Comparator.comparing(GoldenModel::name))
                    .toList()
                    .stream();
        }
    }

    ModelDirectory directory() {
        return ModelDirectory.open(ROOT.resolve(name));
    }

    int vocabulary() {
        return directory().config().vocabularySize();
    }

    /** Name of the weight whose gradient is known. */
    String trained() {
        try (SafetensorsFile file = open()) {
            return file.tensors().stream()
                    .map(TensorInfo::name)
                    .filter(tensor -> tensor.startsWith(GRADIENT))
                    .map(tensor -> tensor.substring(GRADIENT.length()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Two rows without their padding. */
    TokenBatch batch() {
        int[] lengths = ints("lengths");
        return TokenBatch.of(sequences(lengths));
    }

    TokenBatch prompts() {
        return TokenBatch.of(sequences(new int[] {PROMPT, PROMPT}));
    }

    private List<int[]> sequences(int[] lengths) {
        int[] ids = ints("ids");
        int width = ids.length / lengths.length;
        List<int[]> sequences = new ArrayList<>();
        for (int row = 0; row < lengths.length; row++) {
            sequences.add(Arrays.copyOfRange(ids, row * width, row * width + lengths[row]));
        }
        return sequences;
    }

    /** Rows b * T + t that are no padding. */
    int[] realRows() {
        TokenBatch batch = batch();
        return IntStream.range(0, batch.rows() * batch.width())
                .filter(row -> row % batch.width() < batch.length(row / batch.width()))
                .toArray();
    }

    int[][] greedy() {
        int[] tokens = ints("greedy");
        return new int[][] {
            Arrays.copyOfRange(tokens, 0, NEW_TOKENS), Arrays.copyOfRange(tokens, NEW_TOKENS, 2 * NEW_TOKENS)
        };
    }

    /** Of a tensor [B, T, x] the rows that are no padding, [N, x]. */
    float[] rows(String tensor) {
        float[] all = floats(tensor);
        int[] rows = realRows();
        TokenBatch batch = batch();
        int size = all.length / (batch.rows() * batch.width());
        float[] picked = new float[rows.length * size];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all, rows[i] * size, picked, i * size, size);
        }
        return picked;
    }

    float[] floats(String tensor) {
        try (SafetensorsFile file = open()) {
            float[] values = new float[(int) file.info(tensor).count()];
            file.bytes(tensor).asFloatBuffer().get(values);
            return values;
        }
    }

    private int[] ints(String tensor) {
        try (SafetensorsFile file = open()) {
            long[] values = new long[(int) file.info(tensor).count()];
            file.bytes(tensor).asLongBuffer().get(values);
            return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
        }
    }

    private SafetensorsFile open() {
        return SafetensorsFile.open(ROOT.resolve(name).resolve("golden.safetensors"));
    }

    @Override
    public String toString() {
        return name;
    }
}
