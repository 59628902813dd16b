// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

/**
 * How an {@link EngineThread} is set up.
 *
 * @param name name of the thread
 * @param threads native threads that one operation may use; for the whole process, the last engine thread started wins
 * @param queueLimit tasks that may wait; more are rejected
 * @param device "cpu" or "cuda:0"
 * @param matmulPrecision for the whole process, the last engine thread started wins
 */
public record EngineSettings(String name, int threads, int queueLimit, String device, MatmulPrecision matmulPrecision) {
    private static final int DEFAULT_QUEUE_LIMIT = 1024;

    public EngineSettings {
        require(!name.isBlank(), "name is blank");
        require(threads >= 1, "threads must be >= 1, was " + threads);
        require(queueLimit >= 1, "queueLimit must be >= 1, was " + queueLimit);
        require(device.matches("cpu|cuda:\\d+"), "device must be cpu or cuda:N, was " + device);
    }

    public EngineSettings(String name, int threads, int queueLimit, String device) {
        this(name, threads, queueLimit, device, MatmulPrecision.HIGHEST);
    }

    public static EngineSettings cpu(String name, int threads) {
        return new EngineSettings(name, threads, DEFAULT_QUEUE_LIMIT, "cpu");
    }

    public EngineSettings withMatmulPrecision(MatmulPrecision precision) {
        return new EngineSettings(name, threads, queueLimit, device, precision);
    }

    private static void require(boolean condition, String fact) {
        if (!condition) {
            throw new IllegalArgumentException(fact);
        }
    }
}
