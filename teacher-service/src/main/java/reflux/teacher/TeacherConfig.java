// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reflux.rpc.PeerAddress;

/**
 * What one teacher process serves and how much it may hold.
 *
 * @param model directory of the model in Hugging Face's layout
 * @param listen {@code host:port}; port 0 takes a free one
 * @param threads native threads of one forward pass
 * @param device {@code cpu} or {@code cuda:0}
 * @param dtype type that the weights are held and computed in: {@code f32}, {@code bf16} or {@code f16}
 * @param maxBatchTokens most tokens, padding counted, of one forward pass; also the longest item
 * @param maxItemsInFlight most items that all streams together may have under way
 * @param maxPromptTokens longest prompt, in tokens
 * @param maxResponseTokens longest response, in tokens, the end-of-sequence token counted
 * @param maxResponseBytes longest response, in bytes
 * @param maxTopK largest k of a top-k payload
 * @param maxBufferedBytes most bytes of finished scores that wait to be sent, over all streams; also the largest score
 * @param cacheBytes size of the cache of scores; 0 turns it off
 * @param allowFullLogits whether FULL_LOGITS may be asked for
 */
public record TeacherConfig(
        Path model,
        String listen,
        int threads,
        String device,
        String dtype,
        int maxBatchTokens,
        int maxItemsInFlight,
        int maxPromptTokens,
        int maxResponseTokens,
        int maxResponseBytes,
        int maxTopK,
        long maxBufferedBytes,
        long cacheBytes,
        boolean allowFullLogits) {

    private static final int MAX_MESSAGE_PAYLOAD = 960 << 10;
    private static final long MAX_SCORE = Integer.MAX_VALUE - 64L;

    public TeacherConfig {
        Objects.requireNonNull(model, "teacher.model");
        dtype = dtype.toLowerCase(Locale.ROOT);
        requireAddress(listen);
        requireRange("threads", threads, 1, 1024);
        if (!device.equals("cpu") && !device.matches("cuda:\\d{1,3}")) {
            throw new IllegalArgumentException("teacher.device must be cpu or cuda:<n>, was " + device);
        }
        if (!dtype.equals("f32") && !dtype.equals("bf16") && !dtype.equals("f16")) {
            throw new IllegalArgumentException("teacher.dtype must be f32, bf16 or f16, was " + dtype);
        }
        if (dtype.equals("f16") && device.equals("cpu")) {
            throw new IllegalArgumentException("teacher.dtype f16 has no fast kernels on a CPU: use f32 or bf16");
        }
        requireRange("max_batch_tokens", maxBatchTokens, 2, 1 << 22);
        requireRange("max_items_in_flight", maxItemsInFlight, 1, 65_536);
        requireRange("max_prompt_tokens", maxPromptTokens, 1, 1 << 20);
        requireRange("max_response_tokens", maxResponseTokens, 1, 1 << 20);
        requireRange("max_response_bytes", maxResponseBytes, 1, MAX_MESSAGE_PAYLOAD);
        requireRange("max_top_k", maxTopK, 1, 65_536);
        requireRange("max_buffered_bytes", maxBufferedBytes, 1 << 16, MAX_SCORE);
        requireRange("cache_bytes", cacheBytes, 0, 1L << 50);
    }

    /** Defaults for everything but the model; listens on a free port of the loopback interface. */
    public static TeacherConfig of(Path model) {
        return fromConfig(model, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** From configuration keys; a missing key takes its default. */
    @JsonCreator
    public static TeacherConfig fromConfig(
            @JsonProperty("model") @Nullable Path model,
            @JsonProperty("listen") @Nullable String listen,
            @JsonProperty("threads") @Nullable Integer threads,
            @JsonProperty("device") @Nullable String device,
            @JsonProperty("dtype") @Nullable String dtype,
            @JsonProperty("max_batch_tokens") @Nullable Integer maxBatchTokens,
            @JsonProperty("max_items_in_flight") @Nullable Integer maxItemsInFlight,
            @JsonProperty("max_prompt_tokens") @Nullable Integer maxPromptTokens,
            @JsonProperty("max_response_tokens") @Nullable Integer maxResponseTokens,
            @JsonProperty("max_response_bytes") @Nullable Integer maxResponseBytes,
            @JsonProperty("max_top_k") @Nullable Integer maxTopK,
            @JsonProperty("max_buffered_bytes") @Nullable Long maxBufferedBytes,
            @JsonProperty("cache_bytes") @Nullable Long cacheBytes,
            @JsonProperty("allow_full_logits") @Nullable Boolean allowFullLogits) {
        if (model == null) {
            throw new IllegalArgumentException("teacher.model is missing: name the directory of a model");
        }
        return new TeacherConfig(
                model,
                orElse(listen, "127.0.0.1:0"),
                orElse(threads, 1),
                orElse(device, "cpu"),
                orElse(dtype, "f32"),
                orElse(maxBatchTokens, 4096),
                orElse(maxItemsInFlight, 64),
                orElse(maxPromptTokens, 2048),
                orElse(maxResponseTokens, 2048),
                orElse(maxResponseBytes, 1 << 18),
                orElse(maxTopK, 1024),
                orElse(maxBufferedBytes, 256L << 20),
                orElse(cacheBytes, 256L << 20),
                orElse(allowFullLogits, false));
    }

    /** Where to listen. */
    PeerAddress address() {
        return PeerAddress.parse(listen);
    }

    private static <T> T orElse(@Nullable T value, T fallback) {
        return value == null ? fallback : value;
    }

    private static void requireAddress(String listen) {
        try {
            PeerAddress.parse(listen);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("teacher.listen must be host:port, was " + listen, e);
        }
    }

    private static void requireRange(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "teacher." + key + " must be " + least + " to " + most + ", was " + value);
        }
    }
}
