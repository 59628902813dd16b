// SPDX-License-Identifier: Apache-2.0
package reflux.generator.publish;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reflux.model.hf.LoraConfig;
import reflux.model.safetensors.TensorInfo;
import reflux.v1.TensorFrame;
import reflux.v1.WeightsManifest;
import reflux.wire.CapacityException;
import reflux.wire.TensorAssembler;

/**
 * Where new weights are put together beside the live ones. One transfer at a time; one that breaks off is kept, and goes on when
 * the same version with the same digest is announced again. There is memory for two sets, so that the next version may arrive
 * while one is being made live. Thread-safe: every method holds the lock of this object, for a copy of one frame at most.
 */
public final class WeightStaging {
    /** One client's turn at filling the staging; it ends when another client takes over. */
    public final class Transfer {
        private final WeightsManifest manifest;
        private final TensorAssembler assembler;
        private final StagingMemory memory;

        private Transfer(WeightsManifest manifest, TensorAssembler assembler, StagingMemory memory) {
            this.manifest = manifest;
            this.assembler = assembler;
            this.memory = memory;
        }

        /** Bytes that are here already: where to send from. */
        public long offset() {
            synchronized (WeightStaging.this) {
                return assembler.received();
            }
        }

        /**
         * Takes the next frame. A refused frame changes nothing.
         *
         * @throws reflux.wire.CorruptFrameException if its place or checksum is wrong
         * @throws CapacityException if another transfer took this one's place
         */
        public void accept(TensorFrame frame) {
            synchronized (WeightStaging.this) {
                requireCurrent(this);
                assembler.accept(frame);
            }
        }

        /** Whether all bytes are here. */
        public boolean isComplete() {
            synchronized (WeightStaging.this) {
                return assembler.isComplete();
            }
        }

        /** Takes the whole weights out of the staging; close them when they are read. */
        public StagedWeights takeOut() {
            synchronized (WeightStaging.this) {
                requireCurrent(this);
                current = null;
                return new StagedWeights(manifest, assembler, () -> giveBack(memory));
            }
        }
    }

    private final ManifestCheck check;
    private final Deque<StagingMemory> free = new ArrayDeque<>(List.of(new StagingMemory(), new StagingMemory()));
    private @Nullable Transfer current;

    /**
     * @param layout the student's own weights
     * @param adapters what the tensors of an adapter must be; throws IllegalArgumentException if the student can have none such
     */
    public WeightStaging(List<TensorInfo> layout, Function<LoraConfig, List<TensorInfo>> adapters) {
        this.check = new ManifestCheck(layout, adapters);
    }

    /**
     * Begins a transfer, or takes up the one that broke off.
     *
     * @throws IllegalArgumentException if the manifest contradicts itself
     * @throws reflux.wire.ContractMismatchException if these are another model's weights, naming the difference
     * @throws CapacityException if a newer version of the same client is under way, or two sets are being made live
     */
    public synchronized Transfer begin(WeightsManifest manifest) {
        check.require(manifest);
        Transfer before = current;
        if (before == null) {
            StagingMemory memory = takeMemory();
            current = new Transfer(manifest, assembler(manifest, memory), memory);
        } else if (isSame(before.manifest, manifest)) {
            current = new Transfer(manifest, before.assembler, before.memory);
        } else if (isOlder(manifest, before.manifest)) {
            throw new CapacityException("policy version " + Long.toUnsignedString(before.manifest.getPolicyVersion())
                    + " is on its way already");
        } else {
            before.memory.recycle();
            current = new Transfer(manifest, assembler(manifest, before.memory), before.memory);
        }
        return current;
    }

    private StagingMemory takeMemory() {
        StagingMemory memory = free.poll();
        if (memory == null) {
            throw new CapacityException("two sets of weights are being made live, come again");
        }
        return memory;
    }

    private static TensorAssembler assembler(WeightsManifest manifest, StagingMemory memory) {
        return TensorAssembler.of(manifest.getTensorsList(), manifest.getTotalBytes(), memory::take);
    }

    private synchronized void giveBack(StagingMemory memory) {
        memory.recycle();
        free.push(memory);
    }

    private void requireCurrent(Transfer transfer) {
        if (current != transfer) {
            throw new CapacityException("another transfer took the place of that of policy version "
                    + Long.toUnsignedString(transfer.manifest.getPolicyVersion()));
        }
    }

    private static boolean isOlder(WeightsManifest one, WeightsManifest other) {
        return one.getClientId().equals(other.getClientId())
                && Long.compareUnsigned(one.getPolicyVersion(), other.getPolicyVersion()) < 0;
    }

    private static boolean isSame(WeightsManifest one, WeightsManifest other) {
        ByteString digest = one.getDigest();
        return one.getPolicyVersion() == other.getPolicyVersion()
                && digest.equals(other.getDigest())
                && one.getAdapter().equals(other.getAdapter())
                && one.getTensorsList().equals(other.getTensorsList());
    }
}
