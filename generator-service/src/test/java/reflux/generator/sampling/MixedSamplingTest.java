// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.model.engine.Scope;
import reflux.wire.ContractMismatchException;

/** Tokens drawn from (1 - a) q + a p, against plain Java in double. Student of seed 11, teacher of seed 12. */
class MixedSamplingTest {
    private static final int TOKENS = TinyStudent.END + 1;
    private static final int DRAWS = 3000;

    private TinyStudent student;

    @BeforeEach
    void start() {
        student = new TinyStudent(4, 12L);
    }

    @AfterEach
    void stop() {
        student.close();
    }

    @Test
    void randomRulesAndShares_agreeWithThePlainOracle() {
        Random random = new Random(20261122);
        for (int round = 0; round < 40; round++) {
            int rows = 1 + random.nextInt(6);
            float[] logits = gaussians(random, rows * 23);
            float[] teacher = gaussians(random, rows * 31);
            List<TokenChooser.Row> rules = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                double share = random.nextBoolean() ? 0 : random.nextDouble();
                double temperature = random.nextInt(4) == 0 ? 0 : 0.3 + 2 * random.nextDouble();
                int topK = random.nextBoolean() ? 0 : 1 + random.nextInt(20);
                SamplingRule rule =
                        new SamplingRule(temperature, topK, random.nextBoolean() ? 1 : 0.7, 1, List.of(), share);
                rules.add(new TokenChooser.Row(rule, random.nextDouble()));
            }

            TokenChooser.Choice[] chosen = choose(logits, teacher, rules, 20);

            int mixed = 0;
            for (int i = 0; i < rows; i++) {
                SamplingRule rule = rules.get(i).rule();
                double[] q = logSoftmax(logits, i, 23, 20);
                double[] p = rule.isMixed() ? logSoftmax(teacher, mixed++, 31, 20) : q;
                float[] mixture = new float[20];
                for (int id = 0; id < 20; id++) {
                    mixture[id] = (float) mixture(rule.teacherMix(), q[id], p[id]);
                }
                int expected = SamplingOracle.choose(mixture, rule, rules.get(i).uniform());
                assertThat(chosen[i].id())
                        .as("round %d row %d %s", round, i, rule)
                        .isEqualTo(expected);
                assertThat(chosen[i].logProb()).isCloseTo((float) q[expected], within(3e-6f));
                assertThat(chosen[i].behaviourLogProb()).isCloseTo(mixture[expected], within(3e-6f));
            }
        }
    }

    @Test
    void logProbs_areThePolicysOwnAndThoseOfTheMixture() {
        TinyStudent.Heard heard = student.sample("hello", new SamplingRule(0.7, 12, 0.95, 12, List.of(), 0.4), 3);
        int[] ids = heard.response.join().ids().toArray();

        float[][] q = FullForward.logProbs(student, "hello", ids);
        float[][] p = FullForward.logProbs(student, student.mixed, "hello", ids);

        assertThat(heard.behaviourLogProbs).hasSameSizeAs(heard.ids);
        for (int i = 0; i < ids.length; i++) {
            assertThat(heard.logProbs.get(i)).isCloseTo(q[i][ids[i]], within(1e-4f));
            assertThat((double) heard.behaviourLogProbs.get(i))
                    .isCloseTo(mixture(0.4, q[i][ids[i]], p[i][ids[i]]), within(1e-4));
        }
    }

    @Test
    void firstTokens_followTheMixture() {
        double share = 0.6;
        List<TinyStudent.Heard> heard = new ArrayList<>();
        for (int seed = 0; seed < DRAWS; seed++) {
            heard.add(student.sample("ab", SamplingRule.raw(1).withTeacherMix(share), seed));
        }
        int[] counts = new int[TOKENS];
        heard.forEach(one -> counts[one.response.join().ids().get(0)]++);

        float[] q = FullForward.logProbs(student, "ab", new int[] {0})[0];
        float[] p = FullForward.logProbs(student, student.mixed, "ab", new int[] {0})[0];
        assertThat(chiSquare(counts, share, q, p)).isLessThan(54.1); // 26 degrees of freedom, p = 0.001
    }

    @Test
    void firstTokens_areTheOraclesOfTheMixtureSeedBySeed() {
        SamplingRule rule = SamplingRule.raw(1).withTeacherMix(0.6);
        float[] q = FullForward.logProbs(student, "ab", new int[] {0})[0];
        float[] p = FullForward.logProbs(student, student.mixed, "ab", new int[] {0})[0];
        float[] mixture = new float[TOKENS];
        for (int id = 0; id < TOKENS; id++) {
            mixture[id] = (float) mixture(0.6, q[id], p[id]);
        }
        int othersThanThePolicys = 0;
        for (int seed = 0; seed < 200; seed++) {
            double uniform = CounterRandom.uniform(seed, 0);
            int expected = SamplingOracle.choose(mixture, rule, uniform);

            int drawn = student.sample("ab", rule, seed).response.join().ids().get(0);

            assertThat(drawn).as("seed %d", seed).isEqualTo(expected);
            othersThanThePolicys +=
                    drawn == SamplingOracle.choose(java.util.Arrays.copyOf(q, TOKENS), rule, uniform) ? 0 : 1;
        }
        assertThat(othersThanThePolicys).isPositive();
    }

    @Test
    void busyBatchOfMixedAndPlain_givesEachRolloutWhatItGetsAlone() {
        List<TinyStudent.Heard> alone = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            alone.add(sample(i));
            alone.get(i).response.join();
        }

        List<TinyStudent.Heard> together = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            together.add(sample(i));
        }

        for (int i = 0; i < 12; i++) {
            together.get(i).response.join();
            assertThat(together.get(i).ids).as("rollout %d", i).isEqualTo(alone.get(i).ids);
            assertThat(together.get(i).behaviourLogProbs)
                    .hasSize(i % 3 == 0 ? 0 : alone.get(i).ids.size());
        }
    }

    @Test
    void plainRollouts_areThoseOfASamplerWithoutATeacher() {
        try (TinyStudent lone = new TinyStudent(4)) {
            for (int seed = 0; seed < 4; seed++) {
                TinyStudent.Heard beside = student.sample("reflux", SamplingRule.raw(20), seed);
                TinyStudent.Heard without = lone.sample("reflux", SamplingRule.raw(20), seed);
                beside.response.join();
                without.response.join();

                assertThat(beside.ids).isEqualTo(without.ids);
                assertThat(beside.logProbs).isEqualTo(without.logProbs);
            }
        }
    }

    @Test
    void teacherWithoutNumbers_failsNoPlainRow() {
        float[] logits = gaussians(new Random(7), 2 * 23);
        float[] teacher = new float[31];
        teacher[3] = Float.NaN;
        SamplingRule plain = SamplingRule.raw(1);

        TokenChooser.Choice[] chosen = choose(
                logits,
                teacher,
                List.of(new TokenChooser.Row(plain, 0.4), new TokenChooser.Row(plain.withTeacherMix(0.5), 0.4)),
                20);

        assertThat(chosen[0].isSound()).isTrue();
        assertThat(chosen[1].isSound()).isFalse();
        assertThat(chosen[1].logProb()).isNotNaN();
    }

    @Test
    void noTeacherLoaded_isRefusedWithARemedy() {
        try (TinyStudent lone = new TinyStudent(4)) {
            assertThatThrownBy(() -> lone.sample("a", SamplingRule.raw(4).withTeacherMix(0.2), 1))
                    .isInstanceOf(ContractMismatchException.class)
                    .hasMessageContaining("generator.mix_teacher");
        }
    }

    @Test
    void shareOutsideZeroToOne_isRefused() {
        for (double share : new double[] {-0.1, 1, 1.5, Double.NaN}) {
            assertThatThrownBy(() -> SamplingRule.raw(4).withTeacherMix(share))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("teacher_mix must be at least 0 and below 1, was " + share);
        }
    }

    @Test
    void manyMixedRollouts_leaveNoTensorBehind() {
        sample(1).response.join();
        long before = student.thread.call(engine -> engine.openTensors());
        List<TinyStudent.Heard> heard = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            heard.add(sample(i));
        }
        heard.forEach(one -> one.response.join());

        long after = student.thread.call(engine -> engine.openTensors());
        assertThat(after).isEqualTo(before);
    }

    private TinyStudent.Heard sample(int i) {
        String prompt = List.of("hello", "a", "reflux", "teacherandstudent").get(i % 4);
        return student.sample(prompt, SamplingRule.raw(16).withTeacherMix(i % 3 * 0.45), 100 + i);
    }

    private static double chiSquare(int[] counts, double share, float[] q, float[] p) {
        double[] mixture = new double[TOKENS];
        double mass = 0;
        for (int id = 0; id < TOKENS; id++) {
            mixture[id] = Math.exp(mixture(share, q[id], p[id]));
            mass += mixture[id];
        }
        double sum = 0;
        for (int id = 0; id < TOKENS; id++) {
            double mean = DRAWS * mixture[id] / mass;
            sum += (counts[id] - mean) * (counts[id] - mean) / mean;
        }
        return sum;
    }

    /** ln((1 - a) q + a p), of logarithms. */
    private static double mixture(double share, double logQ, double logP) {
        return share == 0 ? logQ : Math.log((1 - share) * Math.exp(logQ) + share * Math.exp(logP));
    }

    private static double[] logSoftmax(float[] rows, int row, int width, int tokens) {
        float[] logits = java.util.Arrays.copyOfRange(rows, row * width, row * width + tokens);
        double mass = SamplingOracle.logSumExp(logits);
        double[] logProbs = new double[tokens];
        for (int id = 0; id < tokens; id++) {
            logProbs[id] = logits[id] - mass;
        }
        return logProbs;
    }

    private static float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (2 * random.nextGaussian());
        }
        return values;
    }

    /** Student's logits [N, 23], teacher's [N, 31] of which the first are those of the mixed rows. */
    private TokenChooser.Choice[] choose(float[] logits, float[] teacher, List<TokenChooser.Row> rows, int vocabulary) {
        int mixed = (int) rows.stream().filter(row -> row.rule().isMixed()).count();
        return student.thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    TokenChooser chooser = new TokenChooser(engine, vocabulary)) {
                return chooser.choose(
                        scope,
                        scope.floats(logits, rows.size(), 23),
                        mixed == 0 ? null : scope.floats(java.util.Arrays.copyOf(teacher, mixed * 31), mixed, 31),
                        rows);
            }
        });
    }
}
