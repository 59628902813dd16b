// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import java.util.List;
import reflux.model.engine.DataType;
import reflux.rpc.PeerAddress;

/**
 * Settings of one generator. A component that is absent (null, or 0 for a number) takes its default, so the record can be
 * bound from a file that names only what differs.
 *
 * @param model Hugging Face directory of the student; required
 * @param listen {@code host:port} of the door; port 0 takes a free one
 * @param teachers {@code host:port} of each teacher; empty = samples are not scored
 * @param threads native threads of one operation
 * @param dtype compute type of the student: f32 or bf16
 * @param device cpu, or cuda:0 and so on
 * @param slots sequences that are decoded together, each with its own key/value cache of max_length positions
 * @param maxLength longest prompt and response together, in tokens; 0 = 512, or the model's context if that is shorter
 * @param maxItemsInFlight rollouts admitted and not yet ended, over all streams
 * @param maxNewTokens upper limit of a request's max_new_tokens; 0 = what max_length leaves
 * @param prefillTokens most tokens, padding counted, in one pass over new prompts
 * @param maxSamplesPerPrompt upper limit of a request's n
 * @param mixTeacher Hugging Face directory of a teacher of the student's own tokenizer, for requests with teacher_mix; empty = none
 * @param mixTeacherDtype compute type of that teacher: f32 or bf16
 */
public record GeneratorConfig(
        String model,
        String listen,
        List<String> teachers,
        int threads,
        String dtype,
        String device,
        int slots,
        int maxLength,
        int maxItemsInFlight,
        int maxNewTokens,
        int prefillTokens,
        int maxSamplesPerPrompt,
        String mixTeacher,
        String mixTeacherDtype) {
    private static final int DEFAULT_MAX_LENGTH = 512;

    public GeneratorConfig {
        model = model == null ? "" : model;
        listen = listen == null || listen.isBlank() ? "127.0.0.1:7201" : listen;
        teachers = teachers == null ? List.of() : List.copyOf(teachers);
        threads = threads == 0 ? 1 : threads;
        dtype = dtype == null || dtype.isBlank() ? "f32" : dtype;
        device = device == null || device.isBlank() ? "cpu" : device;
        slots = slots == 0 ? 64 : slots;
        maxItemsInFlight = maxItemsInFlight == 0 ? 4 * slots : maxItemsInFlight;
        prefillTokens = prefillTokens == 0 ? 4096 : prefillTokens;
        maxSamplesPerPrompt = maxSamplesPerPrompt == 0 ? 64 : maxSamplesPerPrompt;
        mixTeacher = mixTeacher == null ? "" : mixTeacher;
        mixTeacherDtype = mixTeacherDtype == null || mixTeacherDtype.isBlank() ? "f32" : mixTeacherDtype;
        parse("generator.listen", listen);
        teachers.forEach(teacher -> parse("generator.teachers", teacher));
        requireType("dtype", dtype);
        requireType("mix_teacher_dtype", mixTeacherDtype);
        requireRange("threads", threads, 1, 1024);
        requireRange("slots", slots, 1, 65_536);
        requireRange("max_length", maxLength, 0, 1 << 24);
        requireRange("max_items_in_flight", maxItemsInFlight, 1, 1 << 20);
        requireRange("max_new_tokens", maxNewTokens, 0, 1 << 24);
        requireRange("prefill_tokens", prefillTokens, 1, 1 << 24);
        requireRange("max_samples_per_prompt", maxSamplesPerPrompt, 1, 65_536);
    }

    /** Everything by default; {@code model} is still to be named. */
    @SuppressWarnings("NullAway") // null is "absent" to the constructor
    public static GeneratorConfig defaults() {
        return new GeneratorConfig(null, null, null, 0, null, null, 0, 0, 0, 0, 0, 0, null, null);
    }

    /** The same with max_length and max_new_tokens settled for a model; refuses a max_length that is over its context. */
    GeneratorConfig settledFor(int contextLength) {
        int length = maxLength == 0 ? Math.min(DEFAULT_MAX_LENGTH, contextLength) : maxLength;
        if (length > contextLength || length < 2) {
            throw new IllegalArgumentException("generator.max_length must be 2 to the model's context of "
                    + contextLength + ", was " + length + "; leave it out to take what fits");
        }
        int newTokens = maxNewTokens == 0 ? length - 1 : Math.min(maxNewTokens, length - 1);
        return new GeneratorConfig(
                model,
                listen,
                teachers,
                threads,
                dtype,
                device,
                slots,
                length,
                maxItemsInFlight,
                newTokens,
                prefillTokens,
                maxSamplesPerPrompt,
                mixTeacher,
                mixTeacherDtype);
    }

    /** Where the door listens. */
    PeerAddress address() {
        return parse("generator.listen", listen);
    }

    /** The teachers. */
    List<PeerAddress> teacherAddresses() {
        return teachers.stream()
                .map(teacher -> parse("generator.teachers", teacher))
                .toList();
    }

    /** What the student computes in. */
    DataType computeType() {
        return type(dtype);
    }

    /** What the teacher computes in that is mixed in. */
    DataType mixComputeType() {
        return type(mixTeacherDtype);
    }

    private static DataType type(String dtype) {
        return dtype.equals("f32") ? DataType.F32 : DataType.BF16;
    }

    private static void requireType(String field, String dtype) {
        if (!dtype.equals("f32") && !dtype.equals("bf16")) {
            throw new IllegalArgumentException("generator." + field + " must be f32 or bf16, was " + dtype);
        }
    }

    private static PeerAddress parse(String field, String text) {
        try {
            return PeerAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + ": " + e.getMessage() + "; write such as 127.0.0.1:7201", e);
        }
    }

    private static void requireRange(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "generator." + field + " must be " + least + " to " + most + ", was " + value);
        }
    }
}
