// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;

/**
 * What a run trains, chosen by the key {@code objective}: a value, which says what it needs of a score, and becomes a loss when
 * the student and the teacher's head are there.
 */
public sealed interface Objective
        permits Distillm, Dpkd, Dskd, DskdV2, Gkd, Gold, Mined, MiniLlm, Sft, SimpleCtkd, Sinkd, Uld, VanillaKd {

    /** What the key may be. */
    List<String> NAMES = List.of(
            "distillm",
            "dpkd",
            "dskd",
            "dskd-cma",
            "dskd-v2",
            "gkd",
            "gold",
            "iw-opd",
            "mined",
            "minillm",
            "sft",
            "simple-ctkd",
            "sinkd",
            "uld",
            "vanilla-kd");

    /** As users write it. */
    String name();

    /** What it asks of the wire. */
    Needs needs();

    /** Whether samples are weighed by the probabilities that they were drawn with, which samplers report at temperature 1. */
    default boolean weighsSamples() {
        return false;
    }

    /** The loss; on the engine thread. */
    ObjectiveLoss open(LossSite site);

    /**
     * The objective of a configuration.
     *
     * @throws IllegalArgumentException naming key, value and remedy if there is none of that name or its keys contradict
     */
    static Objective of(ObjectiveSettings settings) {
        return switch (settings.objective()) {
            case "distillm" -> new Distillm(settings);
            case "dpkd" -> Dpkd.of(settings);
            case "dskd", "dskd-cma" -> Dskd.of(settings);
            case "dskd-v2" -> new DskdV2(settings);
            case "gkd" -> new Gkd(settings);
            case "gold" -> Gold.of(settings);
            case "iw-opd" -> MiniLlm.iwOpd(settings);
            case "mined" -> Mined.of(settings);
            case "minillm" -> MiniLlm.minillm(settings);
            case "sft" -> new Sft(settings.labelSmoothing());
            case "simple-ctkd" -> SimpleCtkd.of(settings);
            case "sinkd" -> Sinkd.of(settings);
            case "uld" -> Uld.of(settings);
            case "vanilla-kd" -> new VanillaKd(settings);
            default ->
                throw new IllegalArgumentException(
                        "learner.objective is '" + settings.objective() + "'; use one of " + String.join(", ", NAMES));
        };
    }
}
