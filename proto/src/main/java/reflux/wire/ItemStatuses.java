// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import com.google.rpc.Code;
import com.google.rpc.Status;
import reflux.v1.ItemStatus;

/** How items end: values of {@link ItemStatus}. */
public final class ItemStatuses {
    /** The item was done. */
    public static final ItemStatus OK =
            ItemStatus.newBuilder().setStatus(Status.getDefaultInstance()).build();

    private ItemStatuses() {}

    /** Failed for good: the same item would fail again. */
    public static ItemStatus failed(Code code, String message) {
        return ItemStatus.newBuilder()
                .setStatus(Status.newBuilder().setCode(code.getNumber()).setMessage(message))
                .build();
    }

    /** Failed here and now: the same item may be sent again. */
    public static ItemStatus retryable(Code code, String message) {
        return failed(code, message).toBuilder().setRetryable(true).build();
    }

    /** Whether the item was done. */
    public static boolean isOk(ItemStatus status) {
        return status.getStatus().getCode() == Code.OK_VALUE;
    }
}
