// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;

class TokenChooserTest {
    private static final int V = 23;
    private static EngineThread thread;

    @BeforeAll
    static void startEngine() {
        thread = EngineThread.start(EngineSettings.cpu("chooser-test", 1));
    }

    @AfterAll
    static void stopEngine() {
        thread.close();
    }

    @Test
    void greedy_takesTheLargestAndOfEqualOnesTheLowerId() {
        float[] logits = new float[V];
        logits[7] = 2;
        logits[11] = 2;

        TokenChooser.Choice choice = choose(logits, 1, SamplingRule.greedy(1), 0.99)[0];

        assertThat(choice.id()).isEqualTo(7);
        assertThat(choice.logProb()).isCloseTo((float) (2 - SamplingOracle.logSumExp(logits)), within(1e-6f));
    }

    @Test
    void randomRules_agreeWithThePlainOracle() {
        Random random = new Random(20261122);
        for (int round = 0; round < 40; round++) {
            int rows = 1 + random.nextInt(6);
            float[] logits = new float[rows * V];
            List<TokenChooser.Row> rules = new ArrayList<>();
            for (int i = 0; i < logits.length; i++) {
                logits[i] = random.nextInt(9) / 2f; // few values: many ties
            }
            for (int i = 0; i < rows; i++) {
                rules.add(new TokenChooser.Row(randomRule(random), random.nextDouble()));
            }

            TokenChooser.Choice[] chosen = choose(logits, rules, V);

            for (int i = 0; i < rows; i++) {
                float[] row = java.util.Arrays.copyOfRange(logits, i * V, (i + 1) * V);
                TokenChooser.Row rule = rules.get(i);
                int expected = SamplingOracle.choose(row, rule.rule(), rule.uniform());
                assertThat(chosen[i].id())
                        .as("round %d row %d %s", round, i, rule)
                        .isEqualTo(expected);
                assertThat(chosen[i].logProb())
                        .isCloseTo((float) (row[expected] - SamplingOracle.logSumExp(row)), within(2e-6f));
            }
        }
    }

    @Test
    void draws_followTheSoftmaxOfTheScaledLogits() {
        float[] logits = new float[V];
        for (int i = 0; i < V; i++) {
            logits[i] = (float) Math.sin(i);
        }
        double[] expected = SamplingOracle.probabilities(logits, new SamplingRule(0.7, 0, 1, 1, List.of()));

        assertThat(chiSquare(logits, new SamplingRule(0.7, 0, 1, 1, List.of()), expected))
                .isLessThan(48.3); // 22 degrees of freedom, p = 0.001
    }

    @Test
    void topKWithTies_keepsLowerIds() {
        float[] logits = new float[V];
        logits[20] = 1;

        List<Integer> support = support(logits, new SamplingRule(1, 3, 1, 1, List.of()));

        assertThat(support).containsExactly(0, 1, 20);
    }

    @Test
    void topP_keepsTheSmallestSetThatReachesIt() {
        float[] logits = new float[V];
        java.util.Arrays.fill(logits, -30);
        logits[4] = (float) Math.log(0.5);
        logits[2] = (float) Math.log(0.3);
        logits[9] = (float) Math.log(0.2);

        assertThat(support(logits, new SamplingRule(1, 0, 0.4, 1, List.of()))).containsExactly(4);
        assertThat(support(logits, new SamplingRule(1, 0, 0.6, 1, List.of()))).containsExactly(2, 4);
        assertThat(support(logits, new SamplingRule(1, 0, 0.9, 1, List.of()))).containsExactly(2, 4, 9);
    }

    /** Some need more than the few likeliest tokens that are looked at first. */
    @Test
    void topPOfWideAndNarrowRows_agreesWithThePlainOracle() {
        int vocabulary = 1_000;
        Random random = new Random(8);
        SamplingRule half = new SamplingRule(1, 0, 0.5, 1, List.of());
        List<SamplingRule> rules = List.of(new SamplingRule(1, 0, 0.95, 1, List.of()), half, SamplingRule.raw(1), half);
        double[] spread = {0.1, 4, 1, 0.5};
        for (int round = 0; round < 20; round++) {
            float[] logits = new float[rules.size() * vocabulary];
            List<TokenChooser.Row> rows = new ArrayList<>();
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) (spread[i / vocabulary] * random.nextGaussian());
            }
            rules.forEach(rule -> rows.add(new TokenChooser.Row(rule, random.nextDouble())));

            TokenChooser.Choice[] chosen = choose(logits, rows, vocabulary);

            for (int i = 0; i < chosen.length; i++) {
                float[] row = java.util.Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary);
                assertThat(chosen[i].id())
                        .as("round %d row %d", round, i)
                        .isEqualTo(SamplingOracle.choose(
                                row, rows.get(i).rule(), rows.get(i).uniform()));
            }
        }
    }

    @Test
    void paddedColumns_areAsIfTheyWereNot() {
        float[] logits = new float[V];
        logits[V - 1] = 50;

        for (SamplingRule rule : List.of(SamplingRule.greedy(1), SamplingRule.raw(1))) {
            TokenChooser.Choice choice = choose(logits, List.of(new TokenChooser.Row(rule, 0.9999)), V - 1)[0];
            assertThat(choice.id()).isLessThan(V - 1);
            assertThat((double) choice.logProb()).isCloseTo(-Math.log(V - 1), within(1e-6));
        }
    }

    @Test
    void neighboursWithCuts_doNotChangeARow() {
        Random random = new Random(5);
        float[] logits = new float[3 * V];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        float[] first = java.util.Arrays.copyOf(logits, V);
        TokenChooser.Row plain = new TokenChooser.Row(SamplingRule.raw(1), 0.37);

        TokenChooser.Choice alone = choose(first, List.of(plain), V)[0];
        TokenChooser.Choice inCompany = choose(
                logits,
                List.of(
                        plain,
                        new TokenChooser.Row(new SamplingRule(0.5, 2, 0.3, 1, List.of()), 0.9),
                        new TokenChooser.Row(SamplingRule.greedy(1), 0.1)),
                V)[0];

        assertThat(inCompany).isEqualTo(alone);
    }

    @Test
    void logitsThatAreNoNumbers_areNotSound() {
        float[] logits = new float[V];
        logits[3] = Float.NaN;

        assertThat(choose(logits, 1, SamplingRule.raw(1), 0.5)[0].isSound()).isFalse();
        assertThat(choose(logits, 1, SamplingRule.greedy(1), 0.5)[0].isSound()).isFalse();
    }

    private static SamplingRule randomRule(Random random) {
        double temperature = random.nextInt(4) == 0 ? 0 : 0.3 + 2 * random.nextDouble();
        int topK = random.nextBoolean() ? 0 : 1 + random.nextInt(30);
        double topP = random.nextBoolean() ? 1 : 0.05 + 0.9 * random.nextDouble();
        return new SamplingRule(temperature, topK, topP, 1, List.of());
    }

    private static double chiSquare(float[] logits, SamplingRule rule, double[] expected) {
        int draws = 20_000;
        int[] counts = new int[V];
        for (int drawn : draw(logits, rule, draws)) {
            counts[drawn]++;
        }
        double sum = 0;
        for (int i = 0; i < V; i++) {
            double mean = draws * expected[i];
            sum += (counts[i] - mean) * (counts[i] - mean) / mean;
        }
        return sum;
    }

    private static List<Integer> support(float[] logits, SamplingRule rule) {
        return draw(logits, rule, 2000).stream().distinct().sorted().toList();
    }

    private static List<Integer> draw(float[] logits, SamplingRule rule, int draws) {
        List<TokenChooser.Row> rows = new ArrayList<>();
        float[] repeated = new float[draws * V];
        for (int i = 0; i < draws; i++) {
            System.arraycopy(logits, 0, repeated, i * V, V);
            rows.add(new TokenChooser.Row(rule, CounterRandom.uniform(42, i)));
        }
        List<Integer> ids = new ArrayList<>();
        for (TokenChooser.Choice choice : choose(repeated, rows, V)) {
            ids.add(choice.id());
        }
        return ids;
    }

    private static TokenChooser.Choice[] choose(float[] logits, int rows, SamplingRule rule, double uniform) {
        List<TokenChooser.Row> all = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            all.add(new TokenChooser.Row(rule, uniform));
        }
        return choose(logits, all, V);
    }

    private static TokenChooser.Choice[] choose(float[] logits, List<TokenChooser.Row> rows, int vocabulary) {
        return thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    TokenChooser chooser = new TokenChooser(engine, vocabulary)) {
                return chooser.choose(
                        scope, scope.floats(logits, rows.size(), logits.length / rows.size()), null, rows);
            }
        });
    }
}
