// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import java.nio.file.Path;

/** A whole checkpoint on the disk: a Hugging Face directory with the run's state and tensors in {@code reflux_state}. */
public record Checkpoint(Path directory, RunState state) {
    public static final String OPTIMISER = "reflux_state/optimizer.safetensors";
    public static final String PROJECTOR = "reflux_state/projector.safetensors";

    public Path optimiser() {
        return directory.resolve(OPTIMISER);
    }

    public Path projector() {
        return directory.resolve(PROJECTOR);
    }
}
