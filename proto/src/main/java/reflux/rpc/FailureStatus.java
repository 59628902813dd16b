// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.StatusException;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.v1.ItemStatus;
import reflux.wire.CapacityException;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.NotReadyException;

/** Which status a failure has on the wire. */
public final class FailureStatus {
    private static final Logger log = LoggerFactory.getLogger(FailureStatus.class);

    private FailureStatus() {}

    /**
     * The failure as a client is told it. What is not expected is a bug: it is logged here with its stack, and told as INTERNAL
     * without its message.
     */
    public static RpcException of(Throwable failure) {
        if (failure instanceof RpcException told) {
            return told;
        }
        if (failure instanceof StatusException told) {
            return RpcException.of(told.status(), text(told.message()));
        }
        if ((failure instanceof CompletionException || failure instanceof ExecutionException)
                && failure.getCause() != null) {
            return of(failure.getCause());
        }
        GrpcStatus status = expected(failure);
        if (status == GrpcStatus.INTERNAL) {
            log.error("unexpected failure is told as INTERNAL", failure);
            return RpcException.of(status, "internal error");
        }
        return RpcException.of(status, text(failure.getMessage()));
    }

    /** The failure as the status of one item. */
    public static ItemStatus item(Throwable failure) {
        RpcException told = of(failure);
        Status.Builder status =
                told.details().toBuilder().setCode(told.status().code).setMessage(text(told.getMessage()));
        return ItemStatus.newBuilder()
                .setStatus(status)
                .setRetryable(told.isRetryable())
                .build();
    }

    /** The status as google.rpc names it. */
    public static Code code(GrpcStatus status) {
        Code code = Code.forNumber(status.code);
        return code == null ? Code.UNKNOWN : code;
    }

    private static GrpcStatus expected(Throwable failure) {
        if (failure instanceof IllegalArgumentException) {
            return GrpcStatus.INVALID_ARGUMENT;
        } else if (failure instanceof NoSuchElementException) {
            return GrpcStatus.NOT_FOUND;
        } else if (failure instanceof ContractMismatchException) {
            return GrpcStatus.FAILED_PRECONDITION;
        } else if (failure instanceof CapacityException || failure instanceof RejectedExecutionException) {
            return GrpcStatus.RESOURCE_EXHAUSTED;
        } else if (failure instanceof CorruptFrameException) {
            return GrpcStatus.DATA_LOSS;
        } else if (failure instanceof NotReadyException) {
            return GrpcStatus.UNAVAILABLE;
        } else if (failure instanceof UnsupportedOperationException) {
            return GrpcStatus.UNIMPLEMENTED;
        }
        return GrpcStatus.INTERNAL;
    }

    private static String text(@org.jspecify.annotations.Nullable String message) {
        return message == null ? "" : message;
    }
}
