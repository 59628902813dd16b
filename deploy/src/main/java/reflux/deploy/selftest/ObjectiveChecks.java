// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reflux.deploy.config.Settings;
import reflux.deploy.config.SettingsBinder;
import reflux.deploy.serve.Role;
import reflux.learner.fixed.FixedLoss;
import reflux.learner.fixed.FixedLossConfig;
import reflux.learner.fixed.FixedLossReport;
import reflux.learner.objective.Needs;
import reflux.learner.objective.Objective;
import reflux.learner.objective.ObjectiveSettings;

/**
 * One objective on fixed responses: with the student as its own teacher all distances vanish, and with a teacher near it the
 * gradients are the same in one piece of several chunks, in pieces of one chunk each, and response by response. Blocks.
 */
final class ObjectiveChecks {
    private static final int WHOLE = Integer.MAX_VALUE;
    /** Padded tokens, and so fewer rows than a chunk has. */
    private static final int ONE_CHUNK = 1000;

    private static final int ONE_RESPONSE = 1;

    /**
     * Terms that vanish where the loss as a whole does not: the rest of it learns gold responses, trains projectors, or is the
     * blur of an entropic transport.
     */
    private static final Map<String, Set<String>> VANISHING = Map.of(
            "sft", Set.of(),
            "dskd", Set.of(),
            "dskd-cma", Set.of(),
            "dskd-v2", Set.of("t2s_kd", "s2t_kd"),
            "sinkd", Set.of("kd"));

    /** Of a preference that is indifferent, -ln σ(0); of all others 0. */
    private static final Map<String, Double> RESTING = Map.of("dpkd", Math.log(2));

    private static final Set<String> ALWAYS = Set.of("kl_forward_per_token", "kl_reverse_per_token");

    private final Path model;
    private final Path near;
    private final Path data;
    private final Path scratch;
    private final int threads;

    /** @param scratch directory for gradients */
    ObjectiveChecks(Path model, Path near, Path data, Path scratch, int threads) {
        this.model = model;
        this.near = near;
        this.data = data;
        this.scratch = scratch;
        this.threads = threads;
    }

    List<Check> run(String objective) {
        List<Check> checks = new ArrayList<>();
        FixedLossReport own = loss(objective, model, WHOLE, "own");
        if (!VANISHING.containsKey(objective)) {
            double distance = Math.abs(own.loss() - RESTING.getOrDefault(objective, 0.0));
            checks.add(new Check(objective + ": loss, its own teacher", distance, 1e-5));
        }
        own.terms().forEach((name, value) -> {
            boolean isZero = ALWAYS.contains(name)
                    || VANISHING.getOrDefault(objective, Set.of()).contains(name);
            if (isZero) {
                checks.add(new Check(objective + ": " + name + ", its own teacher", Math.abs(value), 1e-4));
            }
        });
        FixedLossReport whole = loss(objective, near, WHOLE, "whole");
        compare(
                checks,
                objective + ": chunked against whole",
                whole,
                loss(objective, near, ONE_CHUNK, "chunk"),
                "chunk");
        compare(
                checks,
                objective + ": split against whole",
                whole,
                loss(objective, near, ONE_RESPONSE, "split"),
                "split");
        return checks;
    }

    private void compare(List<Check> checks, String name, FixedLossReport whole, FixedLossReport parts, String file) {
        double loss = Math.abs(parts.loss() - whole.loss()) / Math.max(1e-3, Math.abs(whole.loss()));
        checks.add(new Check(name + ", loss", loss, 1e-5));
        checks.add(new Check(name + ", gradients", GradientFile.difference(gradients("whole"), gradients(file)), 1e-4));
    }

    private FixedLossReport loss(String objective, Path teacher, int tokenBudget, String gradients) {
        ObjectiveSettings settings = settings(objective);
        boolean isLearned = named(objective).needs().signal() == Needs.Signal.NONE;
        return new FixedLoss(new FixedLossConfig(
                        settings,
                        model,
                        teacher,
                        data,
                        isLearned ? FixedLossConfig.Kind.GIVEN : FixedLossConfig.Kind.SAMPLED,
                        gradients(gradients),
                        threads,
                        tokenBudget))
                .run();
    }

    /** With its keys' defaults. */
    static Objective named(String objective) {
        return Objective.of(settings(objective));
    }

    private static ObjectiveSettings settings(String objective) {
        return new SettingsBinder(Settings.assigned(List.of("learner.objective=" + objective)), Role.sections())
                .bind("learner", ObjectiveSettings.class, ObjectiveSettings.defaults());
    }

    private Path gradients(String name) {
        return scratch.resolve(name + ".safetensors");
    }
}
