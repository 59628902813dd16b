// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.nio.file.Path;

/** A file that is not sound safetensors, or not one that is read here. The message names the file and, if there is one, the tensor. */
public final class SafetensorsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN_NAME = 200;

    private final transient Path file;
    private final String tensor;

    SafetensorsException(Path file, String tensor, String fact) {
        super(file + ": " + (tensor.isEmpty() ? "" : "tensor '" + shown(tensor) + "' ") + fact);
        this.file = file;
        this.tensor = tensor;
    }

    public Path file() {
        return file;
    }

    /** Name of the tensor; empty if the fault is not one tensor's. */
    public String tensor() {
        return tensor;
    }

    private static String shown(String name) {
        String cut = name.length() <= SHOWN_NAME ? name : name.substring(0, SHOWN_NAME) + "...";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
