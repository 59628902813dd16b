// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;

/** The weights that a decoder computes with, as a model of its own: with its adapter folded in, where it has one. */
public final class MergedWeights {
    private final Decoder decoder;

    public MergedWeights(Decoder decoder) {
        this.decoder = decoder;
    }

    /** See {@link Weights#infos()}. */
    public List<TensorInfo> infos() {
        return decoder.weights().infos();
    }

    /** Little-endian data: an alias of the decoder's memory, or of an adapted matrix a copy. */
    public ByteBuffer bytes(String name) {
        boolean isAdapted = decoder.weightSet()
                .adapter()
                .flatMap(adapter -> adapter.moduleOf(name))
                .isPresent();
        return isAdapted ? merged(name) : decoder.weights().bytes(name);
    }

    private ByteBuffer merged(String name) {
        Adapter adapter = decoder.weightSet().adapter().orElseThrow();
        try (Scope scope = decoder.engine().scope().child()) {
            Tensor base = decoder.weights().get(name);
            Tensor target = scope.empty(base.type(), base.shape());
            adapter.putRows(decoder.script(), name, target, 0, base);
            ByteBuffer bytes = target.bytes();
            return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip().order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
