// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.Evaluation;
import reflux.rpc.PeerAddress;
import reflux.v1.RunEvent;
import reflux.v1.RunFinished;

/**
 * The whole ring on this machine: evaluates teacher and student, runs two teachers, a generator and a learner as processes
 * until the learner is done, evaluates again, and reports. Blocks; children end with it.
 */
public final class Demo {
    private static final int SAMPLES = 5;
    private static final int MAX_NEW_TOKENS = 40;

    private final DemoSettings settings;
    private final PrintStream out;
    private final ProgressLine progress;

    public Demo(DemoSettings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
        this.progress = new ProgressLine(out, settings.console());
    }

    /** Returns where the report is; fails if the run did not come to its end. */
    public Path run() throws IOException, InterruptedException {
        long started = System.nanoTime();
        prepare();
        DemoData data = DemoData.write(
                settings.home().resolve("demo-data/cmudict.tsv.gz"),
                settings.output().resolve("data"));
        Path words = firstLines(data.test());
        out.println(
                "Task: spell out how an English word is said. Teacher (Llama) and student (GPT-2) have different tokenizers;");
        out.println("the student learns from the teacher's view of its own samples, and sees no right answer.");
        out.println("evaluating teacher and student on " + settings.evalWords() + " words that neither was trained on");
        EvalReport teacher = evaluate(settings.teacher(), words, null);
        EvalReport before = evaluate(settings.student(), words, settings.teacher());
        JsonNode summary = distil(data.prompts());
        Path student = Path.of(summary.path("student_dir").asText());
        EvalReport after = evaluate(student, words, settings.teacher());
        DemoReport report = DemoReport.of(
                Quality.of(teacher),
                Quality.of(before),
                Quality.of(after),
                summary,
                settings.student(),
                (System.nanoTime() - started) / 1e9);
        Path file = settings.output().resolve("report.json");
        report.write(file);
        DemoTable table = new DemoTable(out);
        table.print(report);
        table.print(before.samples(), after.samples());
        return file;
    }

    private void prepare() throws IOException {
        for (Path model : List.of(settings.teacher(), settings.student())) {
            if (!Files.exists(model.resolve("config.json"))) {
                throw new IllegalStateException(
                        model + ": the demo's model is not there; deploy/demo-models/make makes it");
            }
        }
        Files.createDirectories(settings.output());
        Path run = settings.output().resolve("run");
        if (Files.exists(run)) {
            try (Stream<Path> paths = Files.walk(run)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private Path firstLines(Path test) throws IOException {
        List<String> lines = Files.readAllLines(test);
        Path words = settings.output().resolve("data/eval.jsonl");
        return Files.write(words, lines.subList(0, Math.min(settings.evalWords(), lines.size())));
    }

    private EvalReport evaluate(Path model, Path words, @Nullable Path teacher) {
        return new Evaluation(
                        new EvalConfig(model, words, teacher, MAX_NEW_TOKENS, 250, settings.evalThreads(), SAMPLES))
                .run();
    }

    private JsonNode distil(Path prompts) throws IOException, InterruptedException {
        DemoPorts ports = DemoPorts.free();
        Path yaml = RingYaml.write(settings, ports, prompts);
        try (DemoRing ring = DemoRing.start(settings, ports, yaml);
                RunWatch watch = new RunWatch(PeerAddress.parse(DemoPorts.address(ports.learner())))) {
            out.println("started, logs in " + settings.output() + ":");
            ring.children().forEach(child -> out.println("  " + child.name() + " pid " + child.pid()));
            RunFinished finished = follow(ring, watch);
            progress.end();
            if (!finished.getCompleted()) {
                throw new IllegalStateException("the run did not complete: " + finished.getReason());
            }
            return new ObjectMapper().readTree(finished.getSummaryJson());
        }
    }

    private RunFinished follow(DemoRing ring, RunWatch watch) throws InterruptedException {
        while (true) {
            RunEvent event = watch.next(1000);
            if (event != null && event.hasFinished()) {
                return event.getFinished();
            }
            if (event != null && event.hasStep()) {
                progress.show(event.getStep());
            }
            if (event != null && event.hasReplica()) {
                progress.say("generator " + event.getReplica().getAddress() + " is "
                        + event.getReplica().getState());
            }
            if (event == null) {
                requireAlive(ring);
            }
        }
    }

    private static void requireAlive(DemoRing ring) {
        for (ChildProcess child : ring.missing()) {
            throw new IllegalStateException(
                    child.name() + " has ended with exit code " + child.exitValue() + "; its log is " + child.log());
        }
    }
}
