// SPDX-License-Identifier: Apache-2.0
package reflux.generator.publish;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import reflux.model.engine.DataType;
import reflux.model.hf.LoraConfig;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.v1.TensorHeader;
import reflux.v1.WeightsManifest;
import reflux.wire.CorruptFrameException;
import reflux.wire.TensorAssembler;

/** Weights that have arrived whole. Closing gives the memory back to the staging. */
public final class StagedWeights implements TensorSource {
    private final WeightsManifest manifest;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final TensorAssembler assembler;
    private final Runnable onClose;

    StagedWeights(WeightsManifest manifest, TensorAssembler assembler, Runnable onClose) {
        this.manifest = manifest;
        this.assembler = assembler;
        this.onClose = onClose;
        for (TensorHeader header : manifest.getTensorsList()) {
            infos.put(header.getName(), TensorInfo.of(header.getName(), typeOf(header), header.getShapeList()));
        }
    }

    public long policyVersion() {
        return manifest.getPolicyVersion();
    }

    /** What these tensors are an adapter of; empty if they are a whole model's. */
    public Optional<LoraConfig> adapter() {
        return ManifestCheck.adapter(manifest);
    }

    /** Of the weights that the adapter belongs to. */
    public String baseFingerprint() {
        return manifest.getAdapter().getBaseFingerprint();
    }

    /** Throws CorruptFrameException if the bytes are not those that were announced. */
    public void requireAnnouncedDigest() {
        if (!manifest.getDigest().equals(ByteString.copyFrom(assembler.digest()))) {
            throw new CorruptFrameException("digest of policy version "
                    + Long.toUnsignedString(manifest.getPolicyVersion()) + " is not the announced one");
        }
    }

    @Override
    public List<TensorInfo> tensors() {
        return List.copyOf(infos.values());
    }

    @Override
    public boolean has(String name) {
        return infos.containsKey(name);
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo info = infos.get(name);
        if (info == null) {
            throw new NoSuchElementException("no tensor " + name + " was announced");
        }
        return info;
    }

    @Override
    public ByteBuffer bytes(String name) {
        return assembler.tensor(name).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        return bytes(name).slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        onClose.run();
    }

    private static DataType typeOf(TensorHeader header) {
        return switch (header.getType()) {
            case DATA_TYPE_F32 -> DataType.F32;
            case DATA_TYPE_F16 -> DataType.F16;
            case DATA_TYPE_BF16 -> DataType.BF16;
            default -> throw new IllegalArgumentException("weights cannot be of type " + header.getType());
        };
    }
}
