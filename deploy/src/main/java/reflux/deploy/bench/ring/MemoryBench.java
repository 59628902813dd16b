// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import reflux.deploy.bench.Bench;
import reflux.deploy.bench.BenchSettings;
import reflux.deploy.bench.Goal;
import reflux.deploy.bench.Measurement;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Peaks of memory of a learner and a teacher, processes of their own, over some steps of a run. Linux only. */
public final class MemoryBench implements Bench {
    private static final Goal GOAL = Goal.atMost(1);
    private static final double GIB = 1L << 30;
    private static final double LEARNER_GIB = 4;
    private static final int STEPS = 2;
    /** What the activations of one pass need: splitting changes nothing else. */
    private static final int MICRO_BATCH_TOKENS = 256;

    private static final long LOOK_MILLIS = 50;

    @Override
    public List<Measurement> run(BenchSettings settings) throws Exception {
        return measure(settings, STEPS);
    }

    static List<Measurement> measure(BenchSettings settings, int steps) throws Exception {
        Path work = Scratch.create();
        Path yaml = yaml(settings, work, steps);
        List<Measurement> found;
        try (Served teacher = Served.start("teacher", yaml);
                Served generator = Served.start("generator", yaml);
                Served learner = Served.start("learner", yaml)) {
            while (learner.look()) {
                if (!teacher.look() || !generator.look()) {
                    throw new IllegalStateException("a service ended before the learner: see " + work);
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            found = List.of(
                    learner(settings, learner.peakBytes() / GIB, steps, generator.peakBytes() / GIB),
                    teacher(settings, teacher.peakBytes() / GIB));
        }
        Scratch.delete(work);
        return found;
    }

    private static Measurement learner(BenchSettings settings, double peakGib, int steps, double generatorGib)
            throws IOException {
        double weights = weightsGib(settings.model());
        Map<String, String> details = new LinkedHashMap<>();
        details.put(
                "measured",
                "VmHWM of reflux serve learner over " + steps + " steps of " + Ring.BATCH + " x up to "
                        + Ring.NEW_TOKENS + " tokens, AdamW, f32, micro-batches of " + MICRO_BATCH_TOKENS
                        + " tokens, gradient checkpointing, published each step");
        details.put("weights in f32", gib(weights));
        details.put("weights, gradients and two moments", gib(4 * weights));
        details.put("the generator beside it", gib(generatorGib) + " with " + Ring.AT_ONCE + " slots");
        details.put("flags", flags());
        details.put("limit", gib(LEARNER_GIB) + ", stated for 135M parameters");
        return new Measurement("memory: learner", "GiB", List.of(peakGib), List.of(LEARNER_GIB), GOAL, details);
    }

    private static Measurement teacher(BenchSettings settings, double peakGib) throws IOException {
        double weights = weightsGib(settings.teacher());
        Map<String, String> details = new LinkedHashMap<>();
        details.put("measured", "VmHWM of reflux serve teacher, f32");
        details.put("weights in f32", gib(weights));
        details.put("flags", flags());
        details.put("limit", "weights and 1 GiB");
        return new Measurement("memory: teacher", "GiB", List.of(peakGib), List.of(weights + 1), GOAL, details);
    }

    private static String flags() {
        return String.format(Locale.ROOT, "-Xmx%dm", Runtime.getRuntime().maxMemory() >> 20);
    }

    private static String gib(double value) {
        return String.format(Locale.ROOT, "%.2f GiB", value);
    }

    private static double weightsGib(Path model) {
        try (TensorSource source = ModelDirectory.open(model).openWeights()) {
            return source.tensors().stream().mapToLong(TensorInfo::count).sum() * Float.BYTES / GIB;
        }
    }

    private static Path yaml(BenchSettings settings, Path work, int steps) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Ring.AT_ONCE; i++) {
            lines.add("{\"prompt\": \"" + Ring.prompt(i) + "\"}");
        }
        Path prompts = Files.write(work.resolve("prompts.jsonl"), lines);
        List<Integer> ports = freePorts();
        return Files.writeString(
                work.resolve("ring.yaml"),
                TEMPLATE.formatted(
                        settings.threads(),
                        settings.teacher().toAbsolutePath(),
                        ports.get(0),
                        settings.threads(),
                        settings.model().toAbsolutePath(),
                        ports.get(1),
                        ports.get(0),
                        Ring.AT_ONCE,
                        settings.threads(),
                        settings.model().toAbsolutePath(),
                        work.resolve("run"),
                        ports.get(2),
                        ports.get(1),
                        ports.get(0),
                        prompts,
                        steps,
                        Ring.BATCH,
                        Ring.STALENESS,
                        Ring.NEW_TOKENS,
                        Ring.COLUMNS,
                        MICRO_BATCH_TOKENS));
    }

    private static List<Integer> freePorts() throws IOException {
        try (ServerSocket first = new ServerSocket(0);
                ServerSocket second = new ServerSocket(0);
                ServerSocket third = new ServerSocket(0)) {
            return List.of(first.getLocalPort(), second.getLocalPort(), third.getLocalPort());
        }
    }

    private static final String TEMPLATE = """
            teacher:
              threads: %d
              model: "%s"
              listen: "127.0.0.1:%d"
            generator:
              threads: %d
              model: "%s"
              listen: "127.0.0.1:%d"
              teachers: ["127.0.0.1:%d"]
              slots: %d
            learner:
              threads: %d
              student: "%s"
              output_dir: "%s"
              listen: "127.0.0.1:%d"
              generators: ["127.0.0.1:%d"]
              teachers: ["127.0.0.1:%d"]
              train_data: ["%s"]
              max_steps: %d
              batch_size: %d
              max_staleness: %d
              max_new_tokens: %d
              learning_rate: 1e-5
              topk_vocab: %d
              micro_batch_tokens: %d
              gradient_checkpointing: true
            """;
}
