// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes compare.md, compare.csv and compare.png. */
final class ComparisonReport {
    private static final String NONE = "–";

    private ComparisonReport() {}

    static void write(ComparisonSettings how, List<MethodSummary> methods) throws IOException {
        Path directory = Files.createDirectories(how.results());
        List<MethodSummary> ranked = methods.stream()
                .sorted(Comparator.comparingDouble(method -> method.per().mean()))
                .toList();
        Files.writeString(directory.resolve("compare.md"), markdown(how, ranked));
        Files.write(directory.resolve("compare.csv"), csv(methods));
        ComparisonPlot.write(directory.resolve("compare.png"), ranked);
    }

    static String markdown(ComparisonSettings how, List<MethodSummary> ranked) {
        List<String> lines = new ArrayList<>();
        lines.add("# Methods compared on the demo's task");
        lines.add("");
        lines.add("Written by `deploy/compare`. Each run starts from the same student and trains on " + amount(how)
                + " of responses to "
                + trainWords(how) + " words; mean ± standard deviation over the seeds "
                + how.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "))
                + ". PER and WER are phoneme and word error rates on " + how.words()
                + " words that nobody was trained on, KL is forward, teacher-forced along the right answers, per token that"
                + " pairs: of students with different tokenizers it is not comparable. Best PER first.");
        lines.add("");
        lines.add(
                "| method | tokenizer | learning rate | PER % | WER % | KL/token | tokens trained | paired % | bytes paired % | seconds | runs |");
        lines.add("|---|---|---|---|---|---|---|---|---|---|---|");
        ranked.forEach(method -> lines.add(row(method)));
        lines.add("");
        if (ranked.stream().anyMatch(ComparisonReport::sharedMachine)) {
            lines.add("\\* of runs side by side, so not comparable; the others had the machine for themselves.");
            lines.add("");
        }
        lines.add("Learning rates were chosen by PER on " + how.words() / 2 + " validation words after "
                + how.searchSteps() + " steps with seed " + how.searchSeed() + ":");
        lines.add("");
        lines.add("| method | "
                + how.rates().stream().map(TrainingRun::rateText).collect(Collectors.joining(" | ")) + " |");
        lines.add("|---" + "|---".repeat(how.rates().size()) + "|");
        ranked.stream()
                .filter(method -> !method.ownSearches().isEmpty())
                .forEach(method -> lines.add(searchRow(method, how.rates())));
        lines.add("");
        return String.join("\n", lines);
    }

    private static String trainWords(ComparisonSettings how) {
        return how.trainWords() == 0 ? "all training" : how.trainWords() + " training";
    }

    private static String amount(ComparisonSettings how) {
        return how.steps() > 0
                ? how.steps() + " steps"
                : "about " + how.tokens() + " tokens (steps by the tokens that a step of the search took)";
    }

    private static String row(MethodSummary method) {
        return "| "
                + String.join(
                        " | ",
                        method.name(),
                        method.student().endsWith("-same") ? "teacher's" : "own",
                        TrainingRun.rateText(method.learningRate()),
                        number("%.1f ± %.1f", method.per(), 100),
                        number("%.1f ± %.1f", method.wer(), 100),
                        number("%.3f ± %.3f", method.klPerToken(), 1),
                        number("%.0f", method.trainedTokens(), 1),
                        number("%.1f", method.alignRatio()),
                        number("%.1f", method.byteCoverage()),
                        number("%.0f ± %.0f", method.seconds(), 1) + (sharedMachine(method) ? "*" : ""),
                        String.valueOf(method.tests().size()))
                + " |";
    }

    private static boolean sharedMachine(MethodSummary method) {
        return method.tests().stream().anyMatch(run -> run.jobs() > 1);
    }

    private static String searchRow(MethodSummary method, List<Double> rates) {
        return "| " + method.name()
                + rates.stream()
                        .map(rate -> method.searches().stream()
                                .filter(result -> result.learningRate() == rate)
                                .findFirst())
                        .map(found -> found.map(result -> String.format(Locale.ROOT, "%.1f", 100 * result.per()))
                                .orElse(NONE))
                        .collect(Collectors.joining(" | ", " | ", " |"));
    }

    private static String number(String format, Spread spread, double scale) {
        return String.format(Locale.ROOT, format, scale * spread.mean(), scale * spread.deviation());
    }

    private static String number(String format, Optional<Spread> share) {
        return share.map(spread -> number(format, spread, 100)).orElse(NONE);
    }

    /** A line for each run, searches too. */
    static List<String> csv(List<MethodSummary> methods) {
        List<String> lines = new ArrayList<>();
        lines.add("method,part,student,learning_rate,seed,steps,rollouts,trained_tokens,words,per,wer,kl_per_token,"
                + "align_ratio,byte_coverage,staleness_mean,seconds,jobs");
        for (MethodSummary method : methods) {
            method.ownSearches().forEach(result -> lines.add(line(result)));
            method.tests().forEach(result -> lines.add(line(result)));
        }
        return lines;
    }

    private static String line(RunResult r) {
        return String.format(
                Locale.ROOT,
                "%s,%s,%s,%s,%d,%d,%d,%d,%d,%.5f,%.5f,%.5f,%s,%s,%.3f,%.1f,%d",
                r.method(),
                r.part().toLowerCase(Locale.ROOT),
                r.student(),
                TrainingRun.rateText(r.learningRate()),
                r.seed(),
                r.steps(),
                r.rollouts(),
                r.trainedTokens(),
                r.words(),
                r.per(),
                r.wer(),
                r.klPerToken(),
                share(r.alignRatio()),
                share(r.byteCoverage()),
                r.stalenessMean(),
                r.seconds(),
                r.jobs());
    }

    private static String share(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.5f", value);
    }
}
