// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import reflux.v1.DataType;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.TensorHeader;

final class PayloadRulesTest {

    private final PayloadRules rules = PayloadRules.of(TeacherConfig.of(Path.of("m")), 8, 104, 100);

    @Test
    void nothingAsked_isHiddenStatesInBf16() {
        List<TensorHeader> tensors = rules.layout(rules.read(List.of()), 3);

        assertThat(tensors).hasSize(1);
        assertThat(tensors.get(0).getName()).isEqualTo("hidden");
        assertThat(tensors.get(0).getType()).isEqualTo(DataType.DATA_TYPE_BF16);
        assertThat(tensors.get(0).getShapeList()).containsExactly(3L, 8L);
        assertThat(tensors.get(0).getBytes()).isEqualTo(48);
    }

    @Test
    void several_areAnnouncedInTheOrderAsked() {
        List<Payload> asked = List.of(
                payload(PayloadKind.PAYLOAD_KIND_TOP_K, 5),
                payload(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB, 0),
                payload(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES, 0));

        assertThat(rules.layout(rules.read(asked), 2))
                .extracting(TensorHeader::getName)
                .containsExactly("top_ids", "top_log_probs", "tail_log_mass", "log_probs", "hidden");
    }

    @Test
    void badCombinations_areRefusedByName() {
        assertRefused("k must be 1 to 100, was 101", payload(PayloadKind.PAYLOAD_KIND_TOP_K, 101));
        assertRefused("k must be 1 to 100, was 0", payload(PayloadKind.PAYLOAD_KIND_TOP_K, 0));
        assertRefused("k belongs to TOP_K only", payload(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES, 4));
        assertRefused("not offered", payload(PayloadKind.PAYLOAD_KIND_FULL_LOGITS, 0));
        assertRefused("payload kind 0 is not known", Payload.getDefaultInstance());
        assertRefused(
                "payload kind 77 is not known",
                Payload.newBuilder().setKindValue(77).build());
        assertRefused(
                "comes in BF16, F16 or F32",
                payload(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES, 0).toBuilder()
                        .setType(DataType.DATA_TYPE_I64)
                        .build());
        assertRefused(
                "comes in F32 only",
                payload(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB, 0).toBuilder()
                        .setType(DataType.DATA_TYPE_BF16)
                        .build());
        assertRefused(
                "asked for twice",
                payload(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES, 0),
                payload(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES, 0));
    }

    private void assertRefused(String fact, Payload... payloads) {
        assertThatThrownBy(() -> rules.read(List.of(payloads)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(fact);
    }

    private static Payload payload(PayloadKind kind, int k) {
        return Payload.newBuilder().setKind(kind).setK(k).build();
    }
}
