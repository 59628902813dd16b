// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.rpc.Status;
import io.vertx.grpc.common.GrpcStatus;
import reflux.v1.ItemStatus;

/** A call, stream or item that ended with a status other than OK. */
public final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final GrpcStatus status;
    private final boolean retryable;
    private final transient Status details;

    RpcException(GrpcStatus status, String message, boolean retryable, Status details) {
        super(message);
        this.status = status;
        this.retryable = retryable;
        this.details = details;
    }

    /** Of this status; retryable if it is UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED, DATA_LOSS or DEADLINE_EXCEEDED. */
    public static RpcException of(GrpcStatus status, String message) {
        return new RpcException(status, message, isTransient(status), Status.getDefaultInstance());
    }

    /** Of an item that did not end with OK. */
    public static RpcException of(ItemStatus item) {
        Status status = item.getStatus();
        return new RpcException(statusOf(status.getCode()), status.getMessage(), item.getRetryable(), status);
    }

    /** The gRPC status. */
    public GrpcStatus status() {
        return status;
    }

    /** Whether the same may succeed when it is asked again, here or of another replica. */
    public boolean isRetryable() {
        return retryable;
    }

    /** google.rpc.Status with its details, empty if the peer sent none. */
    public Status details() {
        return details == null ? Status.getDefaultInstance() : details;
    }

    @Override
    public String toString() {
        return "RpcException: " + status + ": " + getMessage();
    }

    static GrpcStatus statusOf(int code) {
        GrpcStatus known = GrpcStatus.valueOf(code);
        return known == null ? GrpcStatus.UNKNOWN : known;
    }

    static boolean isTransient(GrpcStatus status) {
        return switch (status) {
            case UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED, DATA_LOSS, DEADLINE_EXCEEDED -> true;
            default -> false;
        };
    }
}
