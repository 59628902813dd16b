// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run of the benchmark found.
 *
 * @param command the command line that repeats it
 * @param machine as {@link Machine#describe}
 * @param model whose size decides whether a goal that was not reached was missed
 * @param measurements in the order in which they were made
 * @param failures why rows could not be measured, under their names
 */
public record BenchReport(
        String command,
        Map<String, String> machine,
        ModelSize model,
        List<Measurement> measurements,
        Map<String, String> failures) {
    /** A table with the facts above and the details below it. */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add("command  " + command);
        machine.forEach((name, value) -> lines.add(String.format(Locale.ROOT, "%-8s %s", name, value)));
        lines.add(String.format(Locale.ROOT, "%-8s %,d parameters", "model", model.parameters()));
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "%-22s %12s %12s %-10s %7s %9s  %s",
                "what",
                "found",
                "limit",
                "unit",
                "ratio",
                "goal",
                "rounds"));
        measurements.forEach(each -> lines.add(row(each)));
        failures.forEach((what, why) -> lines.add(String.format(Locale.ROOT, "%-22s FAILED, see below", what)));
        for (Measurement each : measurements) {
            lines.add("");
            lines.add(each.what());
            each.details().forEach((name, value) -> lines.add("  " + name + ": " + value));
        }
        failures.forEach((what, why) -> lines.addAll(List.of("", what, "  FAILED: " + why)));
        return String.join(System.lineSeparator(), lines);
    }

    private String row(Measurement each) {
        return String.format(
                Locale.ROOT,
                "%-22s %12.4g %12.4g %-10s %7.3f %9s  %d%s",
                each.what(),
                each.thingMedian(),
                each.limitMedian(),
                each.unit(),
                each.ratio(),
                each.goal(),
                each.thing().size(),
                verdict(each));
    }

    private String verdict(Measurement each) {
        if (each.isReached()) {
            return "";
        }
        return model.hasGoals() ? ", MISSED" : ", goal is for 135M parameters";
    }

    /** Everything as JSON, every round included; where the goal says nothing of this model, no word on whether it was reached. */
    public void write(Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = mapper.createObjectNode();
        root.put("command", command);
        root.set("machine", mapper.valueToTree(machine));
        root.put("parameters", model.parameters());
        ArrayNode rows = root.putArray("measurements");
        for (Measurement each : measurements) {
            ObjectNode row = rows.addObject();
            row.put("what", each.what());
            row.put("unit", each.unit());
            row.put("median", each.thingMedian());
            row.put("limit_median", each.limitMedian());
            row.put("ratio", each.ratio());
            row.put("goal", each.goal().toString());
            if (each.isReached() || model.hasGoals()) {
                row.put("reached", each.isReached());
            }
            row.set("rounds", mapper.valueToTree(each.thing()));
            row.set("limit_rounds", mapper.valueToTree(each.limit()));
            row.set("details", mapper.valueToTree(each.details()));
        }
        root.set("failures", mapper.valueToTree(failures));
        mapper.writeValue(file.toFile(), root);
    }
}
