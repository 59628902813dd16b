// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The names that users of DSKD, KDFlow, TRL and DistiLLM know. */
class DivergenceNamesTest {
    private static final DivergenceNumbers NUMBERS = new DivergenceNumbers(0.3, 0.2, 0.4);

    @Test
    void name_choosesTheDivergenceWithItsNumber() {
        assertThat(named("forward_kl", "kl", "fkl")).containsOnly(new ForwardKl());
        assertThat(named("reverse_kl", "rkl")).containsOnly(new ReverseKl());
        assertThat(named("symmetric_kl")).containsOnly(new SymmetricKl());
        assertThat(named("js_divergence", "js")).containsOnly(new GeneralisedJsd(0.5));
        assertThat(named("generalised_jsd", "generalized_jsd", "gjsd")).containsOnly(new GeneralisedJsd(0.3));
        assertThat(named("skewed_forward_kl", "skl", "sfkl")).containsOnly(new SkewedForwardKl(0.2));
        assertThat(named("skewed_reverse_kl", "srkl")).containsOnly(new SkewedReverseKl(0.2));
        assertThat(named("adaptive_kl", "akl")).containsOnly(new AdaptiveKl(0.4));
        assertThat(named("tvd", "total_variation")).containsOnly(new TotalVariation());
        assertThat(named("top1_ce")).containsOnly(new Top1CrossEntropy());
        assertThat(named("soft_ce", "distillm_forward_kl")).containsOnly(new SoftCrossEntropy());
        assertThat(named("distillm_skewed_forward_kl")).containsOnly(new SkewedCrossEntropy(0.2));
        assertThat(named("distillm_symmetric_kl")).containsOnly(new DistillmSymmetric(0.9));
        assertThat(named("distillm_js_distance")).containsOnly(new GeneralisedJsd(1 - 0.9));
    }

    @Test
    void unknownName_isRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Divergence.named("hrl", NUMBERS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("forward_kl, reverse_kl")
                .hasMessageStartingWith("learner.kd_loss_fn is 'hrl'");
    }

    /** KDFlow's jsd weights the student, TRL's the teacher, and DistiLLM's has a fixed weight. */
    @Test
    void jsd_isRefusedBecauseItsBetaIsReadInTwoWays() {
        assertThatThrownBy(() -> Divergence.named("jsd", NUMBERS)).hasMessageContaining("generalised_jsd");
    }

    @Test
    void numberOutOfRange_isRefused() {
        assertThatThrownBy(() -> new SkewedForwardKl(1)).hasMessageContaining("skew_lambda");
        assertThatThrownBy(() -> new SkewedReverseKl(-0.1)).hasMessageContaining("skew_lambda");
        assertThatThrownBy(() -> new SkewedCrossEntropy(Double.NaN)).hasMessageContaining("skew_lambda");
        assertThatThrownBy(() -> new AdaptiveKl(1)).hasMessageContaining("adaptive_alpha");
        assertThatThrownBy(() -> new AdaptiveKl(0)).hasMessageContaining("adaptive_alpha");
        assertThatThrownBy(() -> new DistillmSymmetric(1.1)).hasMessageContaining("lambda");
        assertThatThrownBy(() -> new GeneralisedJsd(-1)).hasMessageContaining("beta");
    }

    private static List<Divergence> named(String... names) {
        return Arrays.stream(names).map(name -> Divergence.named(name, NUMBERS)).toList();
    }
}
