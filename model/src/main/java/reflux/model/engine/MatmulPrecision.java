// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;

/** What f32 matrix products may cost in accuracy, for the whole process. */
public enum MatmulPrecision {
    HIGHEST(0),
    HIGH(1),
    /**
     * Lets oneDNN take over every f32 linear map, backward included: twice as fast on CPUs where MKL is slow, with no visible loss
     * there; on CPUs with AMX it may really round the operands to bf16.
     */
    MEDIUM(2),
    /**
     * MEDIUM, and in training the linear maps of the layers round their operands to bf16 and sum in f32 (weights, gradients and
     * optimiser stay in f32). Another 1.6 times faster on CPUs with bf16 instructions; others round all the same and
     * multiply in f32, a little slower than MEDIUM.
     */
    BF16_TRAINING(2);

    private final int torchCode;

    MatmulPrecision(int torchCode) {
        this.torchCode = torchCode;
    }

    private static final String CONTEXT = "_ZN2at13globalContextEv";
    private static final String SET = "_ZN2at7Context25setFloat32MatmulPrecisionENS_22Float32MatmulPrecisionE";

    /** Torch has no C entry for this and DJL none at all, hence the mangled C++ names. */
    void apply() {
        Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
        NativeLibrary torch = NativeLibrary.getInstance(library.toString());
        Pointer context = torch.getFunction(CONTEXT).invokePointer(new Object[0]);
        torch.getFunction(SET).invokeVoid(new Object[] {context, torchCode});
    }
}
