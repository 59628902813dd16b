// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.nio.file.Path;

/** Reads and writes {@code config.json}. */
public final class DecoderConfigs {
    private DecoderConfigs() {}

    /** Refuses, by name, every family and every option whose maths is not implemented. */
    public static DecoderConfig parse(Path configJson) {
        throw new UnsupportedOperationException("not yet");
    }
}
