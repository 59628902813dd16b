// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
    @Test
    void numbers_areUniformOverSeedsAndOverIndices() {
        double[] overSeeds = LongStream.range(0, 20_000)
                .mapToDouble(seed -> CounterRandom.uniform(seed, 3))
                .toArray();
        double[] overIndices = LongStream.range(0, 20_000)
                .mapToDouble(i -> CounterRandom.uniform(42, i))
                .toArray();

        assertThat(chiSquareOfTenths(overSeeds)).isLessThan(27.9); // 9 degrees of freedom, p = 0.001
        assertThat(chiSquareOfTenths(overIndices)).isLessThan(27.9);
    }

    @Test
    void numbers_areWithinZeroAndOne() {
        assertThat(LongStream.range(0, 1000).mapToDouble(i -> CounterRandom.uniform(-1, i)))
                .allMatch(u -> u >= 0 && u < 1);
    }

    @Test
    void firstSample_keepsTheSeedAndOthersDiffer() {
        assertThat(CounterRandom.sampleSeed(7, 0)).isEqualTo(7);
        assertThat(IntStream.range(0, 1000)
                        .mapToObj(i -> CounterRandom.sampleSeed(7, i))
                        .distinct())
                .hasSize(1000);
    }

    private static double chiSquareOfTenths(double[] numbers) {
        int[] counts = new int[10];
        for (double number : numbers) {
            counts[(int) (10 * number)]++;
        }
        double expected = numbers.length / 10.0;
        return IntStream.of(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
    }
}
