// SPDX-License-Identifier: Apache-2.0
package reflux.generator.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;
import reflux.v1.TensorFrame;
import reflux.v1.WeightsManifest;
import reflux.wire.CapacityException;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.PieceSums;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;
import reflux.wire.WeightsDigest;

class WeightStagingTest {
    private static final int ROWS = 300_000;
    private static final List<TensorInfo> LAYOUT = List.of(
            TensorInfo.of("w", DataType.F32, List.of((long) ROWS, 2L)), TensorInfo.of("b", DataType.F32, List.of(3L)));

    private final List<ByteBuffer> weights = List.of(random(ROWS * 8, 1), random(12, 2));
    private final WeightStaging staging = new WeightStaging(LAYOUT, adapter -> List.of());

    @Test
    void allFrames_giveTheAnnouncedWeights() {
        WeightStaging.Transfer transfer = staging.begin(manifest(1).build());
        assertThat(transfer.offset()).isZero();

        frames(0).forEachRemaining(transfer::accept);

        assertThat(transfer.isComplete()).isTrue();
        StagedWeights staged = transfer.takeOut();
        assertThatCode(staged::requireAnnouncedDigest).doesNotThrowAnyException();
        assertThat(staged.bytes("w")).isEqualTo(weights.get(0));
        assertThat(staged.bytes("w", 8, 16)).isEqualTo(weights.get(0).slice(8, 16));
        assertThat(staged.tensors()).isEqualTo(LAYOUT);
    }

    @Test
    void brokenOffTransfer_resumesWhereItWas() {
        Iterator<TensorFrame> first = frames(0);
        WeightStaging.Transfer before = staging.begin(manifest(1).build());
        before.accept(first.next());
        before.accept(first.next());

        WeightStaging.Transfer after = staging.begin(manifest(1).build());

        assertThat(after.offset()).isEqualTo(2L * TensorFrames.FRAME_BYTES);
        assertThatThrownBy(() -> before.accept(first.next())).isInstanceOf(CapacityException.class);
        frames(after.offset()).forEachRemaining(after::accept);
        assertThatCode(() -> after.takeOut().requireAnnouncedDigest()).doesNotThrowAnyException();
    }

    @Test
    void otherHash_beginsAnew() {
        staging.begin(manifest(1).build()).accept(frames(0).next());

        WeightStaging.Transfer other = staging.begin(
                manifest(1).setDigest(ByteString.copyFrom(new byte[32])).build());

        assertThat(other.offset()).isZero();
        frames(0).forEachRemaining(other::accept);
        assertThatThrownBy(() -> other.takeOut().requireAnnouncedDigest())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("version 1");
    }

    @Test
    void corruptFrame_changesNothing() {
        WeightStaging.Transfer transfer = staging.begin(manifest(1).build());
        TensorFrame good = frames(0).next();
        TensorFrame bad = good.toBuilder().setCrc32C(good.getCrc32C() + 1).build();

        assertThatThrownBy(() -> transfer.accept(bad)).isInstanceOf(CorruptFrameException.class);

        assertThat(transfer.offset()).isZero();
        assertThatCode(() -> transfer.accept(good)).doesNotThrowAnyException();
    }

    @Test
    void olderVersion_doesNotPushOutANewerOne() {
        staging.begin(manifest(5).build());

        assertThatThrownBy(() -> staging.begin(manifest(4).build()))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("5");
        assertThat(staging.begin(manifest(6).build()).offset()).isZero();
    }

    @Test
    void thirdSet_waitsUntilOneIsRead() {
        StagedWeights one = whole(1);
        whole(2);

        assertThatThrownBy(() -> staging.begin(manifest(3).build())).isInstanceOf(CapacityException.class);
        one.close();
        assertThatCode(() -> whole(3)).doesNotThrowAnyException();
    }

    @Test
    void otherModelsWeights_areRefusedByName() {
        WeightsManifest manifest = manifest(1)
                .setTensors(1, TensorHeaders.of("c", reflux.v1.DataType.DATA_TYPE_F32, 3))
                .setTensors(0, TensorHeaders.of("w", reflux.v1.DataType.DATA_TYPE_F32, ROWS, 1))
                .build();

        assertThatThrownBy(() -> staging.begin(manifest))
                .isInstanceOf(ContractMismatchException.class)
                .hasMessageContaining("b is missing")
                .hasMessageContaining("c is not a weight of the student")
                .hasMessageContaining("w is [300000, 1], the student's is [300000, 2]");
    }

    @Test
    void contradictoryManifest_isRefused() {
        assertThatThrownBy(() -> staging.begin(manifest(1).setTotalBytes(7).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("total_bytes");
        assertThatThrownBy(() ->
                        staging.begin(manifest(1).setDigest(ByteString.EMPTY).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("digest must have 32 bytes, had 0");
    }

    private StagedWeights whole(int version) {
        WeightStaging.Transfer transfer = staging.begin(manifest(version).build());
        frames(0).forEachRemaining(transfer::accept);
        return transfer.takeOut();
    }

    private Iterator<TensorFrame> frames(long from) {
        return TensorFrames.cutFrom("", weights, PieceSums.of(weights), from);
    }

    private WeightsManifest.Builder manifest(long version) {
        return WeightsManifest.newBuilder()
                .setPolicyVersion(version)
                .addTensors(TensorHeaders.of("w", reflux.v1.DataType.DATA_TYPE_F32, ROWS, 2))
                .addTensors(TensorHeaders.of("b", reflux.v1.DataType.DATA_TYPE_F32, 3))
                .setTotalBytes(ROWS * 8L + 12)
                .setDigest(ByteString.copyFrom(WeightsDigest.of(weights)))
                .setClientId("test");
    }

    private static ByteBuffer random(int bytes, long seed) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return ByteBuffer.wrap(content);
    }
}
