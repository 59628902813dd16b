// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.List;
import reflux.model.safetensors.TensorInfo;
import reflux.v1.DataType;
import reflux.v1.Fingerprints;
import reflux.v1.LoraAdapter;
import reflux.v1.PublishIn;
import reflux.v1.TensorHeader;
import reflux.v1.WeightsManifest;
import reflux.wire.PieceSums;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;
import reflux.wire.WeightsDigest;

/**
 * A snapshot as it is announced and sent: the same for every generator. Its memory is released when the last who holds it lets
 * go. Confined to the learner's context, once it was made.
 */
final class Publication {
    private final WeightsManifest manifest;
    private final List<ByteBuffer> bytes;
    private final PieceSums sums;
    private final Runnable release;
    private int holders = 1;

    private Publication(WeightsManifest manifest, List<ByteBuffer> bytes, PieceSums sums, Runnable release) {
        this.manifest = manifest;
        this.bytes = List.copyOf(bytes);
        this.sums = sums;
        this.release = release;
    }

    /**
     * Reads all bytes for their digest: not for an event loop. Held by the caller.
     *
     * @param tokenizer fingerprint that a generator's tokenizer must have
     */
    static Publication of(WeightSnapshot snapshot, String clientId, String tokenizer) {
        PieceSums sums = PieceSums.of(snapshot.bytes());
        WeightsManifest.Builder manifest = WeightsManifest.newBuilder()
                .setPolicyVersion(snapshot.version())
                .addAllTensors(
                        snapshot.tensors().stream().map(Publication::header).toList())
                .setTotalBytes(snapshot.totalBytes())
                .setDigest(ByteString.copyFrom(WeightsDigest.of(sums)))
                .setClientId(clientId)
                .setExpect(Fingerprints.newBuilder().setTokenizer(tokenizer));
        snapshot.adapter().ifPresent(adapter -> manifest.setAdapter(adapter(adapter)));
        return new Publication(manifest.build(), snapshot.bytes(), sums, snapshot.release());
    }

    /** Somebody else reads it too. */
    void hold() {
        holders++;
    }

    void letGo() {
        if (--holders == 0) {
            release.run();
        }
    }

    long version() {
        return manifest.getPolicyVersion();
    }

    PublishIn announcement() {
        return PublishIn.newBuilder().setManifest(manifest).build();
    }

    TensorFrames framesFrom(long offset) {
        return TensorFrames.cutFrom("", bytes, sums, offset);
    }

    private static LoraAdapter adapter(WeightSnapshot.AdapterOf adapter) {
        return LoraAdapter.newBuilder()
                .setR(adapter.config().rank())
                .setLoraAlpha(adapter.config().alpha())
                .setUseRslora(adapter.config().isRankStabilised())
                .addAllTargetModules(adapter.config().targetModules())
                .setBaseFingerprint(adapter.baseFingerprint())
                .build();
    }

    private static TensorHeader header(TensorInfo info) {
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        return TensorHeaders.of(info.name(), type(info), shape);
    }

    private static DataType type(TensorInfo info) {
        return switch (info.type()) {
            case F32 -> DataType.DATA_TYPE_F32;
            case F16 -> DataType.DATA_TYPE_F16;
            case BF16 -> DataType.DATA_TYPE_BF16;
            default -> throw new IllegalArgumentException("weight " + info.name() + " is of type " + info.type());
        };
    }
}
