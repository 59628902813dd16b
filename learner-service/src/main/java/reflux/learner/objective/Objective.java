// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/**
 * What a run trains, chosen by the key {@code objective}: a value, which says what it needs of a score, and becomes a loss when
 * the student and the teacher's head are there.
 */
public sealed interface Objective permits Dskd, DskdV2, Gold, Mined, MiniLlm, SimpleCtkd, Uld {

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
            case "dskd", "dskd-cma" -> Dskd.of(settings);
            case "dskd-v2" -> new DskdV2(settings);
            case "gold" -> Gold.of(settings);
            case "iw-opd" -> MiniLlm.iwOpd(settings);
            case "mined" -> Mined.of(settings);
            case "minillm" -> MiniLlm.minillm(settings);
            case "simple-ctkd" -> SimpleCtkd.of(settings);
            case "uld" -> Uld.of(settings);
            default ->
                throw new IllegalArgumentException("learner.objective is '" + settings.objective()
                        + "'; use dskd, dskd-cma, dskd-v2, gold, iw-opd, mined, minillm, simple-ctkd or uld");
        };
    }
}
