// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import reflux.model.hf.ModelDirectory;
import reflux.model.hf.WeightsFingerprint;
import reflux.model.safetensors.TensorSource;
import reflux.wire.ContractMismatchException;

/** The files that the student was loaded from, which must not change while it serves. Thread-safe. */
public final class BaseWeights {
    private final ModelDirectory directory;
    private String fingerprint = "";

    BaseWeights(ModelDirectory directory) {
        this.directory = directory;
    }

    /** The stored tensors; the caller closes them. */
    TensorSource open() {
        return directory.openWeights();
    }

    /**
     * Blocks: the first time all bytes are read, about a second a GB.
     *
     * @throws ContractMismatchException if an adapter with this base does not belong to these weights
     */
    public void require(String asked) {
        String own = fingerprint();
        if (!own.equals(asked)) {
            throw new ContractMismatchException("the adapter belongs to base weights " + shown(asked)
                    + ", this generator's are " + shown(own) + " (" + directory.path()
                    + "); start it with the learner's student");
        }
    }

    private synchronized String fingerprint() {
        if (fingerprint.isEmpty()) {
            try (TensorSource weights = open()) {
                fingerprint = WeightsFingerprint.of(weights);
            }
        }
        return fingerprint;
    }

    private static String shown(String fingerprint) {
        return fingerprint.substring(0, Math.min(12, fingerprint.length()));
    }
}
