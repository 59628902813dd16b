// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * One training and its evaluation.
 *
 * @param settings of the services: common, method's and run's, without what depends on where it runs
 * @param words that its student is evaluated on
 */
record TrainingRun(Method method, Part part, double learningRate, long seed, int words, ObjectNode settings) {
    /** Sections of a settings file that all methods may set. */
    private static final List<String> SECTIONS = List.of("teacher", "generator", "learner");

    private static final int DIGEST_LETTERS = 16;

    /** What a run is for. */
    enum Part {
        /** Chooses a learning rate, on words that are in neither training nor test. */
        SEARCH,
        /** Is compared, on test words. */
        TEST
    }

    static TrainingRun of(
            ObjectNode common, Method method, Part part, double rate, long seed, int steps, ComparisonSettings how) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        for (String section : SECTIONS) {
            ObjectNode merged = settings.putObject(section);
            for (ObjectNode source : List.of(common, method.settings())) {
                if (source.path(section) instanceof ObjectNode given) {
                    merged.setAll(given);
                }
            }
        }
        ((ObjectNode) settings.path("learner"))
                .put("learning_rate", rate)
                .put("seed", seed)
                .put("max_steps", steps);
        int words = part == Part.SEARCH ? how.words() / 2 : how.words();
        return new TrainingRun(method, part, rate, seed, words, settings);
    }

    /** Also the name of its result's file. */
    String name() {
        return String.format(
                Locale.ROOT,
                "%s.%s.lr%s.seed%d",
                method.name(),
                part.name().toLowerCase(Locale.ROOT),
                rateText(learningRate),
                seed);
    }

    JsonNode learner() {
        return settings.path("learner");
    }

    /** Changes with anything that could change the result. */
    String digest(ComparisonSettings how) {
        try {
            String text = settings + "\n" + how.overrides() + "\n" + how.trainWords() + "\n" + words;
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGEST_LETTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Such as 3e-3. */
    static String rateText(double rate) {
        String text = String.format(Locale.ROOT, "%.2e", rate);
        String[] parts = text.split("e", 2);
        return parts[0].replaceFirst("\\.?0+$", "") + "e" + Integer.parseInt(parts[1]);
    }
}
