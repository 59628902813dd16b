// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.model.engine.DataType;

class ShardedTensorsTest {
    @TempDir
    Path root;

    private Path dir;

    @BeforeEach
    void writeShards() throws IOException {
        dir = Files.createDirectory(root.resolve("model"));
        shard("model-00001-of-00002.safetensors", "a", "b");
        shard("model-00002-of-00002.safetensors", "c");
        Files.copy(dir.resolve("model-00002-of-00002.safetensors"), root.resolve("outside.safetensors"));
        index("{\"metadata\":{\"total_size\":12},\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\","
                + "\"c\":\"model-00002-of-00002.safetensors\",\"b\":\"model-00001-of-00002.safetensors\"}}");
    }

    private void shard(String file, String... names) {
        List<TensorInfo> tensors = List.of(names).stream()
                .map(n -> TensorInfo.of(n, DataType.F32, List.of(1L)))
                .toList();
        SafetensorsWriter.write(
                dir.resolve(file), tensors, n -> ByteBuffer.wrap(new byte[] {(byte) n.charAt(0), 0, 0, 0}), Map.of());
    }

    private void index(String json) throws IOException {
        Files.writeString(dir.resolve("model.safetensors.index.json"), json);
    }

    @Test
    void shards_readAsOne() {
        try (TensorSource source = ShardedTensors.open(dir)) {
            assertThat(source.tensors()).extracting(TensorInfo::name).containsExactly("a", "b", "c");
            assertThat(source.has("c")).isTrue();
            assertThat(source.has("d")).isFalse();
            assertThat(source.bytes("c").get(0)).isEqualTo((byte) 'c');
            assertThat(source.bytes("b", 0, 1).get(0)).isEqualTo((byte) 'b');
        }
    }

    @Test
    void singleFile_winsOverTheIndex() {
        shard("model.safetensors", "z");

        try (TensorSource source = ShardedTensors.open(dir)) {
            assertThat(source.tensors()).extracting(TensorInfo::name).containsExactly("z");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside.safetensors",
                "/etc/outside.safetensors",
                "sub/../../outside.safetensors",
                "..\\\\outside.safetensors",
                "C:\\\\outside.safetensors",
                "%2e%2e%2foutside.safetensors",
                "..",
                ".safetensors",
                "a\\u0000.safetensors",
                "a..safetensors/../x.safetensors",
                "pytorch_model.bin",
                "\\u002e\\u002e/outside.safetensors",
                ""
            })
    void namesThatLeaveTheDirectory_areRefused(String name) throws IOException {
        index("{\"weight_map\":{\"a\":\"" + name + "\"}}");

        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> ShardedTensors.open(dir))
                .withMessage(dir.resolve("model.safetensors.index.json")
                        + ": tensor 'a' must be in a file of a plain name ending in .safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"weight_map\":{}}",
                "{\"weight_map\":[1]}",
                "{\"weight_map\":{\"a\":7}}",
                "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"x.safetensors\"}}",
                "{\"weight_map\":"
            })
    void unsoundIndex_isRefused(String json) throws IOException {
        index(json);

        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> ShardedTensors.open(dir))
                .withMessageContaining("model.safetensors.index.json");
    }

    @Test
    void tensorThatItsShardLacks_isNamed() throws IOException {
        index("{\"weight_map\":{\"c\":\"model-00001-of-00002.safetensors\"}}");

        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> ShardedTensors.open(dir))
                .withMessage(dir.resolve("model.safetensors.index.json")
                        + ": tensor 'c' is not in model-00001-of-00002.safetensors")
                .satisfies(e -> assertThat(e.tensor()).isEqualTo("c"));
    }

    @Test
    void missingShard_isNamed() throws IOException {
        Files.delete(dir.resolve("model-00002-of-00002.safetensors"));

        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> ShardedTensors.open(dir))
                .withMessage(dir.resolve("model-00002-of-00002.safetensors") + ": is no file");
    }
}
