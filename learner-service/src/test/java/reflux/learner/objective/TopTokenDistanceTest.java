// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.loss.Support.Rest;

/** A teacher that names tokens which the student's vocabulary (6 ids) has not. Three tokens a row; the second row is looked at. */
class TopTokenDistanceTest {
    @ParameterizedTest
    @EnumSource
    void tokensBeyondTheVocabulary_areAsIfTheTeacherHadNone(Rest rest) {
        int[] ids = {9, 9, 9, 0, 7, 2};
        float[] logProbs = {0, 0, 0, ln(0.5), ln(0.2), ln(0.1)};

        float mass = TopTokenDistance.leaveOut(6, ids, logProbs, 3, 3, rest);

        assertThat(mass).isCloseTo(ln(0.8), within(1e-6f));
        assertThat(ids).containsExactly(9, 9, 9, 0, 2, -1);
        assertThat(logProbs[3]).isCloseTo(ln(0.5 / 0.8), within(1e-6f));
        assertThat(logProbs[4]).isCloseTo(ln(0.1 / 0.8), within(1e-6f));
    }

    @ParameterizedTest
    @EnumSource
    void knownTokens_stayAsTheyAre(Rest rest) {
        int[] ids = {5, 4, 3};
        float[] logProbs = {-1, -2, -3};

        assertThat(TopTokenDistance.leaveOut(6, ids, logProbs, 0, 3, rest)).isZero();
        assertThat(ids).containsExactly(5, 4, 3);
        assertThat(logProbs).containsExactly(-1, -2, -3);
    }

    @Test
    void noKnownToken_leavesAllToTheRest() {
        int[] ids = {6, 7};
        float[] logProbs = {ln(0.5), ln(0.3)};

        float mass = TopTokenDistance.leaveOut(6, ids, logProbs, 0, 2, Rest.BUCKET);

        assertThat(mass).isCloseTo(ln(0.2), within(1e-5f));
        assertThat(ids).containsExactly(0, -1);
        assertThat(logProbs[0]).isEqualTo(Float.NEGATIVE_INFINITY);
    }

    private static float ln(double value) {
        return (float) Math.log(value);
    }
}
