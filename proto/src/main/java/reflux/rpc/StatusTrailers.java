// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import io.vertx.core.MultiMap;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Status message and google.rpc.Status in trailers, which the generated stubs lose. */
final class StatusTrailers {
    static final String MESSAGE = "grpc-message";
    static final String DETAILS = "grpc-status-details-bin";

    /** Longest message that is sent, in characters: trailers have a limit of 8 KiB, and each byte may take three. */
    static final int MAX_MESSAGE = 1024;

    private StatusTrailers() {}

    /** google.rpc.Status as unpadded base64. */
    static String encode(Status status) {
        return Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray());
    }

    static String brief(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
    }

    /** What a response that ended with this status says. */
    static RpcException read(GrpcStatus status, GrpcClientResponse<?, ?> response) {
        Status details = details(first(response, DETAILS));
        String raw = first(response, MESSAGE);
        String message = raw == null ? details.getMessage() : decode(raw);
        return new RpcException(status, message, RpcException.isTransient(status), details);
    }

    private static @Nullable String first(GrpcClientResponse<?, ?> response, String name) {
        MultiMap trailers = response.trailers();
        String value = trailers == null ? null : trailers.get(name);
        return value == null ? response.headers().get(name) : value;
    }

    private static Status details(@Nullable String base64) {
        if (base64 == null) {
            return Status.getDefaultInstance();
        }
        try {
            return Status.parseFrom(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            return Status.getDefaultInstance();
        }
    }

    /** Percent-encodes what the gRPC protocol says, and no more: some clients undo no more than that. */
    static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
            if (next >= ' ' && next <= '~' && next != '%') {
                out.append((char) next);
            } else {
                out.append(String.format(Locale.ROOT, "%%%02X", next));
            }
        }
        return out.toString();
    }

    /** Undoes percent-encoding; what is not well-formed stays as it is. */
    static String decode(String raw) {
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        byte[] in = raw.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            int high = in[i] == '%' && i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(in[i + 2], 16);
            if (low < 0) {
                out.write(in[i]);
            } else {
                out.write(high << 4 | low);
                i += 2;
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
