// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import reflux.teacher.AskedPayload.FullLogits;
import reflux.teacher.AskedPayload.HiddenStates;
import reflux.teacher.AskedPayload.SampledLogProb;
import reflux.teacher.AskedPayload.TopK;
import reflux.v1.DataType;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.TensorHeader;

/**
 * Which payloads may be asked for, and what an answer of them looks like.
 *
 * @param hiddenSize D
 * @param headRows V, rows of the LM head, padding counted
 * @param vocabulary ids that the tokenizer knows; the later rows of the head are padding
 * @param maxTopK largest k
 * @param offered kinds that this teacher gives
 */
record PayloadRules(int hiddenSize, int headRows, int vocabulary, int maxTopK, Set<PayloadKind> offered) {

    PayloadRules {
        offered = Set.copyOf(offered);
    }

    static PayloadRules of(TeacherConfig config, int hiddenSize, int headRows, int vocabulary) {
        EnumSet<PayloadKind> offered = EnumSet.of(
                PayloadKind.PAYLOAD_KIND_HIDDEN_STATES,
                PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB,
                PayloadKind.PAYLOAD_KIND_TOP_K);
        if (config.allowFullLogits()) {
            offered.add(PayloadKind.PAYLOAD_KIND_FULL_LOGITS);
        }
        return new PayloadRules(hiddenSize, headRows, vocabulary, Math.min(config.maxTopK(), vocabulary), offered);
    }

    /** Reads what was asked; nothing asked means hidden states in BF16. Throws IllegalArgumentException. */
    List<AskedPayload> read(List<Payload> payloads) {
        if (payloads.isEmpty()) {
            return List.of(new HiddenStates(DataType.DATA_TYPE_BF16));
        }
        List<AskedPayload> asked = new ArrayList<>();
        EnumSet<PayloadKind> seen = EnumSet.noneOf(PayloadKind.class);
        for (Payload payload : payloads) {
            AskedPayload one = read(payload);
            if (!seen.add(one.kind())) {
                throw new IllegalArgumentException("payload " + one.kind() + " is asked for twice");
            }
            asked.add(one);
        }
        return List.copyOf(asked);
    }

    /** The tensors of an answer, in order. */
    List<TensorHeader> layout(List<AskedPayload> asked, int responseTokens) {
        return asked.stream()
                .flatMap(one -> one.tensors(responseTokens, hiddenSize, headRows).stream())
                .toList();
    }

    private AskedPayload read(Payload payload) {
        PayloadKind kind = payload.getKind();
        if (kind != PayloadKind.PAYLOAD_KIND_UNSPECIFIED
                && kind != PayloadKind.UNRECOGNIZED
                && !offered.contains(kind)) {
            throw new IllegalArgumentException("payload " + kind + " is not offered by this teacher");
        }
        if (kind != PayloadKind.PAYLOAD_KIND_TOP_K && payload.getK() != 0) {
            throw new IllegalArgumentException("k belongs to TOP_K only, was " + payload.getK() + " for " + kind);
        }
        return switch (kind) {
            case PAYLOAD_KIND_HIDDEN_STATES -> new HiddenStates(rounded(payload));
            case PAYLOAD_KIND_FULL_LOGITS -> new FullLogits(rounded(payload));
            case PAYLOAD_KIND_SAMPLED_LOG_PROB -> {
                requireF32(payload);
                yield new SampledLogProb();
            }
            case PAYLOAD_KIND_TOP_K -> {
                requireF32(payload);
                yield new TopK(topK(payload));
            }
            case PAYLOAD_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("payload kind " + payload.getKindValue() + " is not known");
        };
    }

    private int topK(Payload payload) {
        if (payload.getK() < 1 || payload.getK() > maxTopK) {
            throw new IllegalArgumentException(
                    "k must be 1 to " + maxTopK + ", was " + Integer.toUnsignedString(payload.getK()));
        }
        return payload.getK();
    }

    private static DataType rounded(Payload payload) {
        return switch (payload.getType()) {
            case DATA_TYPE_UNSPECIFIED -> DataType.DATA_TYPE_BF16;
            case DATA_TYPE_BF16, DATA_TYPE_F16, DATA_TYPE_F32 -> payload.getType();
            default ->
                throw new IllegalArgumentException(
                        payload.getKind() + " comes in BF16, F16 or F32, not in type " + payload.getTypeValue());
        };
    }

    private static void requireF32(Payload payload) {
        if (payload.getType() != DataType.DATA_TYPE_UNSPECIFIED && payload.getType() != DataType.DATA_TYPE_F32) {
            throw new IllegalArgumentException(
                    payload.getKind() + " comes in F32 only, not in type " + payload.getTypeValue());
        }
    }
}
