// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.List;
import reflux.v1.DataType;
import reflux.v1.PayloadKind;
import reflux.v1.TensorHeader;
import reflux.wire.TensorHeaders;

/** One thing that a score is to hold. N response tokens, D hidden size, V rows of the LM head. */
sealed interface AskedPayload {

    PayloadKind kind();

    /** The tensors that it is sent as, in order. */
    List<TensorHeader> tensors(long n, long d, long v);

    /** {@code "hidden" [N, D]}, rows rounded to {@code type}. */
    record HiddenStates(DataType type) implements AskedPayload {
        @Override
        public PayloadKind kind() {
            return PayloadKind.PAYLOAD_KIND_HIDDEN_STATES;
        }

        @Override
        public List<TensorHeader> tensors(long n, long d, long v) {
            return List.of(TensorHeaders.of("hidden", type, n, d));
        }
    }

    /** {@code "log_probs" [N]} of the response's own tokens, in nats. */
    record SampledLogProb() implements AskedPayload {
        @Override
        public PayloadKind kind() {
            return PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB;
        }

        @Override
        public List<TensorHeader> tensors(long n, long d, long v) {
            return List.of(TensorHeaders.of("log_probs", DataType.DATA_TYPE_F32, n));
        }
    }

    /** The {@code k} likeliest tokens of each row, none of padding, and the log of the mass of all others. */
    record TopK(int k) implements AskedPayload {
        @Override
        public PayloadKind kind() {
            return PayloadKind.PAYLOAD_KIND_TOP_K;
        }

        @Override
        public List<TensorHeader> tensors(long n, long d, long v) {
            return List.of(
                    TensorHeaders.of("top_ids", DataType.DATA_TYPE_I32, n, k),
                    TensorHeaders.of("top_log_probs", DataType.DATA_TYPE_F32, n, k),
                    TensorHeaders.of("tail_log_mass", DataType.DATA_TYPE_F32, n));
        }
    }

    /** {@code "logits" [N, V]}, rows rounded to {@code type}. */
    record FullLogits(DataType type) implements AskedPayload {
        @Override
        public PayloadKind kind() {
            return PayloadKind.PAYLOAD_KIND_FULL_LOGITS;
        }

        @Override
        public List<TensorHeader> tensors(long n, long d, long v) {
            return List.of(TensorHeaders.of("logits", type, n, v));
        }
    }
}
