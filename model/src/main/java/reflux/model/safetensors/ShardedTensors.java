// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The weights of a model directory: one file, or shards with an index. Shards are plain names in the same directory; links are
 * followed, because the Hugging Face cache is made of them.
 */
public final class ShardedTensors implements TensorSource {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final long MAX_INDEX_BYTES = 64L << 20;
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}\\.safetensors");
    private static final Pattern PICKLE = Pattern.compile(".*\\.(bin|pt|pth|ckpt|pkl)");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path index;
    private final List<SafetensorsFile> shards;
    private final Map<String, SafetensorsFile> byName;

    private ShardedTensors(Path index, List<SafetensorsFile> shards, Map<String, SafetensorsFile> byName) {
        this.index = index;
        this.shards = shards;
        this.byName = byName;
    }

    /**
     * Opens model.safetensors, or else the shards of model.safetensors.index.json. Throws {@link SafetensorsException} if there is
     * neither or they are not sound. Pickles (.bin, .pt and the like) are never opened.
     */
    public static TensorSource open(Path modelDir) {
        Path single = modelDir.resolve(SINGLE);
        if (Files.isRegularFile(single)) {
            return SafetensorsFile.open(single);
        }
        Path index = modelDir.resolve(INDEX);
        if (Files.isRegularFile(index)) {
            return openShards(modelDir, index);
        }
        requireNoPickles(modelDir);
        throw new SafetensorsException(modelDir, "", "has no weights: neither " + SINGLE + " nor " + INDEX);
    }

    /** Throws {@link SafetensorsException} if a directory has weights, but only as pickles. */
    public static void requireNoPickles(Path modelDir) {
        if (Files.exists(modelDir.resolve(SINGLE)) || Files.exists(modelDir.resolve(INDEX))) {
            return;
        }
        try (Stream<Path> files = Files.list(modelDir)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> PICKLE.matcher(name).matches())
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> {
                        throw new SafetensorsException(
                                modelDir,
                                "",
                                "has its weights in " + name + " only. That is a pickle,"
                                        + " which can run code, and is never opened; save the model as safetensors ("
                                        + SINGLE
                                        + "), in transformers with save_pretrained(dir, safe_serialization=True)");
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + modelDir, e);
        }
    }

    private static ShardedTensors openShards(Path dir, Path index) {
        Map<String, List<String>> namesByShard = namesByShard(index);
        List<SafetensorsFile> shards = new ArrayList<>();
        Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, List<String>> entry : namesByShard.entrySet()) {
                SafetensorsFile shard = SafetensorsFile.open(dir.resolve(entry.getKey()));
                shards.add(shard);
                for (String name : entry.getValue()) {
                    if (!shard.has(name)) {
                        throw new SafetensorsException(index, name, "is not in " + entry.getKey());
                    }
                }
                List<String> wanted = entry.getValue();
                shard.tensors().stream()
                        .map(TensorInfo::name)
                        .filter(java.util.Set.copyOf(wanted)::contains)
                        .forEach(name -> byName.put(name, shard));
            }
        } catch (RuntimeException e) {
            shards.forEach(SafetensorsFile::close);
            throw e;
        }
        return new ShardedTensors(index, shards, byName);
    }

    private static Map<String, List<String>> namesByShard(Path index) {
        Map<String, List<String>> namesByShard = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : weightMap(index).properties()) {
            String shard = entry.getValue().asText();
            if (!entry.getValue().isTextual() || !PLAIN_NAME.matcher(shard).matches() || shard.contains("..")) {
                throw new SafetensorsException(
                        index, entry.getKey(), "must be in a file of a plain name ending in .safetensors");
            }
            namesByShard.computeIfAbsent(shard, name -> new ArrayList<>()).add(entry.getKey());
        }
        return namesByShard;
    }

    private static JsonNode weightMap(Path index) {
        try {
            long size = Files.size(index);
            if (size > MAX_INDEX_BYTES) {
                throw new SafetensorsException(index, "", "must be <= " + MAX_INDEX_BYTES + " bytes, was " + size);
            }
            JsonNode map = JSON.readTree(Files.readAllBytes(index)).path("weight_map");
            if (!map.isObject() || map.isEmpty()) {
                throw new SafetensorsException(index, "", "must have a weight_map from tensors to files");
            }
            if (map.size() > HeaderReader.MAX_TENSORS) {
                throw new SafetensorsException(index, "", "must name <= " + HeaderReader.MAX_TENSORS + " tensors");
            }
            return map;
        } catch (JsonProcessingException e) {
            throw new SafetensorsException(index, "", "is not sound JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + index, e);
        }
    }

    @Override
    public List<TensorInfo> tensors() {
        return byName.entrySet().stream()
                .map(e -> e.getValue().info(e.getKey()))
                .toList();
    }

    @Override
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    @Override
    public TensorInfo info(String name) {
        return shard(name).info(name);
    }

    @Override
    public ByteBuffer bytes(String name) {
        return shard(name).bytes(name);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        return shard(name).bytes(name, offset, length);
    }

    @Override
    public void read(String name, long offset, ByteBuffer to) {
        shard(name).read(name, offset, to);
    }

    @Override
    public void close() {
        shards.forEach(SafetensorsFile::close);
    }

    private SafetensorsFile shard(String name) {
        SafetensorsFile shard = byName.get(name);
        if (shard == null) {
            throw new NoSuchElementException(index + " has no tensor '" + name + "'");
        }
        return shard;
    }
}
