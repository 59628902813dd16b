// SPDX-License-Identifier: Apache-2.0
package reflux.generator.publish;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import reflux.model.hf.LoraConfig;
import reflux.model.safetensors.TensorInfo;
import reflux.v1.DataType;
import reflux.v1.LoraAdapter;
import reflux.v1.TensorHeader;
import reflux.v1.WeightsManifest;
import reflux.wire.ContractMismatchException;
import reflux.wire.TensorHeaders;
import reflux.wire.WeightsDigest;

/** Compares announced weights with the student's own. */
final class ManifestCheck {
    private static final int MOST_NAMED = 3;

    private final List<TensorInfo> layout;
    private final Function<LoraConfig, List<TensorInfo>> adapters;

    /** @param adapters what the tensors of an adapter must be; throws IllegalArgumentException if there can be none such */
    ManifestCheck(List<TensorInfo> layout, Function<LoraConfig, List<TensorInfo>> adapters) {
        this.layout = List.copyOf(layout);
        this.adapters = adapters;
    }

    /** The adapter that is announced, if it is no whole model. */
    static Optional<LoraConfig> adapter(WeightsManifest manifest) {
        if (!manifest.hasAdapter()) {
            return Optional.empty();
        }
        LoraAdapter announced = manifest.getAdapter();
        return Optional.of(new LoraConfig(
                announced.getR(),
                announced.getLoraAlpha(),
                0,
                announced.getTargetModulesList(),
                announced.getUseRslora()));
    }

    /**
     * @throws IllegalArgumentException if the manifest contradicts itself
     * @throws ContractMismatchException naming the difference if these are another model's weights
     */
    void require(WeightsManifest manifest) {
        if (manifest.getDigest().size() != WeightsDigest.BYTES) {
            throw new IllegalArgumentException("digest must have " + WeightsDigest.BYTES + " bytes, had "
                    + manifest.getDigest().size());
        }
        Map<String, List<Long>> announced = new HashMap<>();
        long total = 0;
        for (TensorHeader header : manifest.getTensorsList()) {
            TensorHeaders.check(header);
            requireFloating(header);
            if (announced.put(header.getName(), header.getShapeList()) != null) {
                throw new IllegalArgumentException("tensor " + header.getName() + " is announced twice");
            }
            total = Math.addExact(total, header.getBytes());
        }
        requireSame(announced, adapter(manifest).map(adapters).orElse(layout), manifest.getClientId());
        if (total != manifest.getTotalBytes()) {
            throw new IllegalArgumentException("total_bytes must be the tensors' " + total + ", was "
                    + Long.toUnsignedString(manifest.getTotalBytes()));
        }
    }

    private static void requireFloating(TensorHeader header) {
        DataType type = header.getType();
        if (type != DataType.DATA_TYPE_F32 && type != DataType.DATA_TYPE_F16 && type != DataType.DATA_TYPE_BF16) {
            throw new IllegalArgumentException(
                    "tensor " + header.getName() + " must be of type F32, F16 or BF16, was " + type);
        }
    }

    private static void requireSame(Map<String, List<Long>> announced, List<TensorInfo> expected, String client) {
        Map<String, List<Long>> shapes = new HashMap<>();
        expected.forEach(info -> shapes.put(info.name(), info.shape()));
        List<String> differences = new ArrayList<>();
        shapes.forEach((name, shape) -> {
            List<Long> offered = announced.get(name);
            if (offered == null) {
                differences.add(name + " is missing");
            } else if (!offered.equals(shape)) {
                differences.add(name + " is " + offered + ", the student's is " + shape);
            }
        });
        announced.keySet().stream()
                .filter(name -> !shapes.containsKey(name))
                .forEach(name -> differences.add(name + " is not a weight of the student"));
        if (!differences.isEmpty()) {
            List<String> named = differences.stream().sorted().limit(MOST_NAMED).toList();
            throw new ContractMismatchException("weights of " + client + " are not the student's (" + differences.size()
                    + " differences): " + String.join("; ", named));
        }
    }
}
