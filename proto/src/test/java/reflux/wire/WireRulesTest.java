// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.Code;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.v1.ChatMessage;
import reflux.v1.Conversation;
import reflux.v1.DataType;
import reflux.v1.Fingerprints;
import reflux.v1.ItemStatus;
import reflux.v1.Limits;
import reflux.v1.Prompt;
import reflux.v1.TokenIds;

class WireRulesTest {
    private static final Limits LIMITS =
            Limits.newBuilder().setMaxPromptTokens(4).build();

    @Test
    void idOf1To256Bytes_isTaken() {
        assertThat(Identifiers.check("a")).isEqualTo("a");
        assertThat(Identifiers.check("é".repeat(128))).hasSize(128);
        assertThatThrownBy(() -> Identifiers.check("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Identifiers.check("é".repeat(128) + "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256 bytes");
    }

    @Test
    void rolloutsOfOneRequest_areNumbered() {
        assertThat(Identifiers.rollout("p", 0, 1)).isEqualTo("p");
        assertThat(Identifiers.rollout("p", 2, 3)).isEqualTo("p/2");
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DATA_TYPE_UNSPECIFIED", "UNRECOGNIZED"},
            mode = EnumSource.Mode.EXCLUDE)
    void everyDataType_hasASize(DataType type) {
        assertThat(DataTypes.bytes(type)).isIn(1, 2, 4, 8);
    }

    @Test
    void promptsWithinTheLimits_areTaken() {
        for (Prompt prompt : new Prompt[] {
            Prompt.newBuilder().setText("hello").build(),
            ids(1, 2, 3, 4),
            messages(ChatMessage.newBuilder().setRole("user").setContent("hi").build())
        }) {
            assertThat(Prompts.check(prompt, LIMITS)).isSameAs(prompt);
            assertThat(Prompts.check(prompt, Limits.getDefaultInstance())).isSameAs(prompt);
        }
    }

    @Test
    void promptThatIsNone_isInvalid() {
        for (Prompt prompt : new Prompt[] {
            Prompt.getDefaultInstance(),
            Prompt.newBuilder().setText("").build(),
            ids(),
            ids(3, -1),
            messages(),
            messages(ChatMessage.newBuilder().setContent("no role").build()),
            messages(ChatMessage.newBuilder().setRole("user").build())
        }) {
            assertThatThrownBy(() -> Prompts.check(prompt, LIMITS)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void promptBeyondTheLimits_isTooLarge() {
        assertThatThrownBy(() -> Prompts.check(ids(1, 2, 3, 4, 5), LIMITS))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("5 tokens, limit 4");
        Prompt text = Prompt.newBuilder()
                .setText(String.join("", Collections.nCopies(257, "x")))
                .build();
        assertThatThrownBy(() -> Prompts.check(text, LIMITS)).isInstanceOf(CapacityException.class);
    }

    @Test
    void fingerprintDiffers_bothSidesAreNamed() {
        Fingerprints expected = Fingerprints.newBuilder().setLmHead("aaaa").build();
        Fingerprints actual =
                Fingerprints.newBuilder().setLmHead("bbbb").setTokenizer("cccc").build();

        assertThatThrownBy(() -> FingerprintCheck.require(expected, actual, "learner@a", "teacher tiny"))
                .isInstanceOf(ContractMismatchException.class)
                .hasMessage("lm_head differs: learner@a expects aaaa, teacher tiny has bbbb");
        assertThatCode(() -> FingerprintCheck.require(Fingerprints.getDefaultInstance(), actual, "a", "b"))
                .doesNotThrowAnyException();
    }

    @Test
    void itemStatuses_surviveTheWire() throws Exception {
        ItemStatus failed = ItemStatus.parseFrom(
                ItemStatuses.failed(Code.INVALID_ARGUMENT, "too long").toByteArray());
        ItemStatus again = ItemStatus.parseFrom(
                ItemStatuses.retryable(Code.UNAVAILABLE, "busy").toByteArray());

        assertThat(ItemStatuses.isOk(ItemStatus.parseFrom(ItemStatuses.OK.toByteArray())))
                .isTrue();
        assertThat(ItemStatuses.isOk(failed)).isFalse();
        assertThat(failed.getRetryable()).isFalse();
        assertThat(failed.getStatus().getMessage()).isEqualTo("too long");
        assertThat(again.getRetryable()).isTrue();
    }

    private static Prompt ids(int... ids) {
        TokenIds.Builder tokens = TokenIds.newBuilder();
        for (int id : ids) {
            tokens.addIds(id);
        }
        return Prompt.newBuilder().setIds(tokens).build();
    }

    private static Prompt messages(ChatMessage... messages) {
        return Prompt.newBuilder()
                .setMessages(Conversation.newBuilder().addAllMessages(java.util.List.of(messages)))
                .build();
    }
}
