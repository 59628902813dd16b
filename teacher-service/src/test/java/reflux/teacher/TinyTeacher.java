// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.List;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.RopeScaling;

/** A Llama of a few thousand parameters, for tests. */
final class TinyTeacher {

    static final int HIDDEN = 16;
    static final int CONTEXT = 96;

    private TinyTeacher() {}

    static LlamaConfig config(int vocabulary, List<Integer> eosIds) {
        return new LlamaConfig(
                "llama",
                vocabulary,
                HIDDEN,
                32,
                2,
                4,
                2,
                4,
                CONTEXT,
                10_000,
                new RopeScaling.None(),
                1e-5,
                false,
                false,
                false,
                false,
                eosIds);
    }
}
