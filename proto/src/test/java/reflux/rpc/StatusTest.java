// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.Code;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reflux.v1.ItemStatus;
import reflux.wire.CapacityException;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.NotReadyException;

class StatusTest {
    @Test
    void eachCondition_hasItsStatus() {
        Map.<Throwable, GrpcStatus>of(
                        new IllegalArgumentException("m"),
                        GrpcStatus.INVALID_ARGUMENT,
                        new NoSuchElementException("m"),
                        GrpcStatus.NOT_FOUND,
                        new ContractMismatchException("m"),
                        GrpcStatus.FAILED_PRECONDITION,
                        new CapacityException("m"),
                        GrpcStatus.RESOURCE_EXHAUSTED,
                        new RejectedExecutionException("m"),
                        GrpcStatus.RESOURCE_EXHAUSTED,
                        new CorruptFrameException("m"),
                        GrpcStatus.DATA_LOSS,
                        new NotReadyException("m"),
                        GrpcStatus.UNAVAILABLE,
                        new UnsupportedOperationException("m"),
                        GrpcStatus.UNIMPLEMENTED,
                        new CompletionException(new NotReadyException("m")),
                        GrpcStatus.UNAVAILABLE,
                        RpcException.of(GrpcStatus.ABORTED, "m"),
                        GrpcStatus.ABORTED)
                .forEach((failure, status) -> {
                    assertThat(FailureStatus.of(failure).status()).isEqualTo(status);
                    assertThat(FailureStatus.of(failure)).hasMessage("m");
                });
    }

    @Test
    void itemStatus_tellsWhetherToTryAgain() {
        ItemStatus busy = FailureStatus.item(new CapacityException("full"));
        ItemStatus wrong = FailureStatus.item(new IllegalArgumentException("empty"));

        assertThat(busy.getRetryable()).isTrue();
        assertThat(busy.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED_VALUE);
        assertThat(wrong.getRetryable()).isFalse();
        assertThat(RpcException.of(wrong)).hasMessage("empty");
        assertThat(RpcException.of(wrong).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @CsvSource({"plain,plain", "50%25,50%", "%C3%A9,é", "100%,100%", "%zz%4,%zz%4", "a%3Ab,a:b"})
    void percentEncoding_isUndoneWhereItIsOne(String raw, String text) {
        assertThat(StatusTrailers.decode(raw)).isEqualTo(text);
    }

    @Test
    void message_isEncodedAsTheProtocolSaysAndReadBack() {
        String text = "a: b, 100 % é\n";

        assertThat(StatusTrailers.encode(text)).isEqualTo("a: b, 100 %25 %C3%A9%0A");
        assertThat(StatusTrailers.decode(StatusTrailers.encode(text))).isEqualTo(text);
    }

    @Test
    void credit_neverExceedsTheLimit() {
        List<Integer> grants = new ArrayList<>();
        CreditGate gate = new CreditGate(4, grants::add);

        gate.open(100);
        gate.take(3);
        gate.release();

        assertThat(grants).containsExactly(4, 1);
        assertThat(gate.available()).isEqualTo(2);
        assertThat(gate.underWay()).isEqualTo(2);
        assertThatThrownBy(() -> gate.take(3)).isInstanceOf(CapacityException.class);
    }

    @Test
    void credit_isNoMoreThanWanted() {
        List<Integer> grants = new ArrayList<>();
        CreditGate gate = new CreditGate(4, grants::add);

        gate.open(2);
        gate.limit(10);

        assertThat(grants).containsExactly(2);
    }

    @Test
    void limitLowered_releasesGrantNothingUntilBelowIt() {
        List<Integer> grants = new ArrayList<>();
        CreditGate gate = new CreditGate(3, grants::add);
        gate.open(0);
        gate.take(3);

        gate.limit(2);
        gate.release();
        assertThat(grants).containsExactly(3);
        gate.release();

        assertThat(grants).containsExactly(3, 1);
    }

    @Test
    void gateFinishes_onceNothingIsUnderWay() {
        List<String> events = new ArrayList<>();
        CreditGate gate = new CreditGate(2, items -> events.add("grant " + items));
        gate.open(0);
        gate.take();

        gate.finish(() -> events.add("idle"));
        gate.release();

        assertThat(events).containsExactly("grant 2", "idle");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:7101,127.0.0.1,7101", "[::1]:80,::1,80", "teacher-0.teachers:7101,teacher-0.teachers,7101"})
    void addresses_areReadAndWritten(String text, String host, int port) {
        assertThat(PeerAddress.parse(text))
                .isEqualTo(new PeerAddress(host, port))
                .hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({"localhost", ":80", "host:", "host:x", "host:70000"})
    void noAddress_isRefusedWithTheText(String text) {
        assertThatThrownBy(() -> PeerAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host:port");
    }
}
