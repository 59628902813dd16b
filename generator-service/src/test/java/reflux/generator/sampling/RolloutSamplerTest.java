// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.model.text.TokenIds;
import reflux.wire.NotReadyException;

class RolloutSamplerTest {
    private static final List<String> PROMPTS =
            List.of("hello", "a", "reflux", "generator", "xyz", "teacherandstudent");

    private TinyStudent student;

    @BeforeEach
    void start() {
        student = new TinyStudent(4);
    }

    @AfterEach
    void stop() {
        student.close();
    }

    @Test
    void busyBatch_givesEachRolloutWhatItGetsAlone() {
        List<List<Integer>> alone = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            TinyStudent.Heard heard = sample(i);
            heard.response.join();
            alone.add(heard.ids);
        }

        List<TinyStudent.Heard> together = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            together.add(sample(i));
        }

        for (int i = 0; i < 12; i++) {
            together.get(i).response.join();
            assertThat(together.get(i).ids).as("rollout %d", i).isEqualTo(alone.get(i));
        }
    }

    @Test
    void logProbs_areTheRawPolicysOwn() {
        TinyStudent.Heard heard = student.sample("hello", new SamplingRule(0.5, 5, 0.9, 8, List.of()), 3);
        Response response = heard.response.join();

        float[][] expected =
                FullForward.logProbs(student, "hello", response.ids().toArray());

        for (int i = 0; i < response.ids().size(); i++) {
            assertThat(heard.logProbs.get(i))
                    .isCloseTo(expected[i][response.ids().get(i)], within(1e-4f));
        }
    }

    @Test
    void greedy_isArgmaxAtEachStep() {
        TinyStudent.Heard heard = student.sample("hello", SamplingRule.greedy(8), 3);
        int[] ids = heard.response.join().ids().toArray();

        float[][] expected = FullForward.logProbs(student, "hello", ids);

        for (int i = 0; i < ids.length; i++) {
            int best = 0;
            for (int id = 1; id < 27; id++) {
                best = expected[i][id] > expected[i][best] ? id : best;
            }
            assertThat(ids[i]).isEqualTo(best);
        }
    }

    @Test
    void firstTokens_followThePolicysDistribution() {
        List<TinyStudent.Heard> heard = new ArrayList<>();
        for (int seed = 0; seed < 1000; seed++) {
            heard.add(student.sample("ab", SamplingRule.raw(1), seed));
        }
        int[] counts = new int[27];
        heard.forEach(one -> counts[one.response.join().ids().get(0)]++);

        float[] logProbs = FullForward.logProbs(student, "ab", new int[] {0})[0];
        double real = 0;
        for (int id = 0; id < 27; id++) {
            real += Math.exp(logProbs[id]);
        }
        double chiSquare = 0;
        for (int id = 0; id < 27; id++) {
            double mean = 1000 * Math.exp(logProbs[id]) / real;
            chiSquare += (counts[id] - mean) * (counts[id] - mean) / mean;
        }
        assertThat(chiSquare).isLessThan(54.1); // 26 degrees of freedom, p = 0.001
    }

    @Test
    void endToken_isTheLastAndSpellsNothing() {
        TinyStudent.Heard heard = ofFinish(FinishKind.END_TOKEN);

        assertThat(heard.ids.get(heard.ids.size() - 1)).isEqualTo(TinyStudent.END);
        assertThat(heard.text()).hasSize(heard.ids.size() - 1);
    }

    @Test
    void maxNewTokens_endsByLengthAndCountsExactly() {
        TinyStudent.Heard heard = ofFinish(FinishKind.LENGTH);

        assertThat(heard.ids).hasSize(20);
        assertThat(heard.text()).hasSize(20);
    }

    @Test
    void roomOfTheSlot_boundsTheResponse() {
        String prompt = "a".repeat(46);

        assertThat(student.sample(prompt, SamplingRule.greedy(20), 1)
                        .response
                        .join()
                        .ids()
                        .size())
                .isLessThanOrEqualTo(2);
        assertThatThrownBy(() -> student.sample("a".repeat(48), SamplingRule.greedy(1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 47 tokens");
    }

    @Test
    void stopText_trimsBytesAndTokensBeforeIt() {
        TinyStudent.Heard free = ofFinish(FinishKind.LENGTH);
        String stop = free.text().substring(7, 9);
        int first = free.text().indexOf(stop);
        long seed = seedOfLength();

        TinyStudent.Heard stopped =
                student.sample("hello", new SamplingRule(1, 0, 1, 20, List.of(stop, "0123456789")), seed);

        assertThat(stopped.response.join().finish()).isEqualTo(FinishKind.STOP_TEXT);
        assertThat(stopped.text()).isEqualTo(free.text().substring(0, first));
        assertThat(stopped.ids).isEqualTo(free.ids.subList(0, first));
        assertThat(stopped.response.join().ids().size()).isEqualTo(first);
    }

    @Test
    void samplesOfOnePrompt_differAndTheFirstIsThatOfTheSeed() {
        SamplingRule rule = SamplingRule.raw(16);
        TinyStudent.Heard plain = student.sample("hello", rule, 5);
        TinyStudent.Heard first = student.sample("hello", rule, 5, 0);
        TinyStudent.Heard second = student.sample("hello", rule, 5, 1);
        plain.response.join();
        first.response.join();
        second.response.join();

        assertThat(first.ids).isEqualTo(plain.ids);
        assertThat(second.ids).isNotEqualTo(plain.ids);
    }

    @Test
    void cancelOfWaitingRollout_endsItAndNoOther() {
        List<TinyStudent.Heard> all = new ArrayList<>();
        student.thread
                .submit(engine -> {
                    for (int i = 0; i < 8; i++) {
                        all.add(student.sample("hello", SamplingRule.raw(40), i));
                    }
                    all.get(0).rollout.cancel();
                    all.get(7).rollout.cancel();
                    return true;
                })
                .join();

        for (int i : new int[] {0, 7}) {
            assertThatThrownBy(() -> all.get(i).response.join()).isInstanceOf(CancellationException.class);
        }
        for (int i = 1; i < 7; i++) {
            assertThat(all.get(i).response.join().ids().size()).isPositive();
        }
        assertThat(student.sampler.waiting()).isZero();
    }

    @Test
    void cancelOfSeatedRollout_freesItsSlot() {
        TinyStudent.Heard heard = new TinyStudent.Heard() {
            @Override
            public void tokens(TokenRun run) {
                rollout.cancel();
            }
        };
        TokenIds prompt = TokenIds.of(7, 4, 11, 11, 14);
        long seed = seedOfLength();
        student.thread
                .submit(engine -> {
                    heard.rollout =
                            student.sampler.sample(new RolloutRequest(prompt, SamplingRule.raw(20), seed, 0), heard);
                    return true;
                })
                .join();

        assertThatThrownBy(() -> heard.response.join()).isInstanceOf(CancellationException.class);
        assertThat(student.sampler.slotsInUse()).isZero();
    }

    @Test
    void close_failsWhatIsNotDoneAndWhatComesLater() {
        List<TinyStudent.Heard> all = new ArrayList<>();
        student.thread
                .submit(engine -> {
                    student.sampler.close();
                    all.add(student.sample("hello", SamplingRule.raw(40), 1));
                    return true;
                })
                .join();
        all.add(student.sample("hello", SamplingRule.raw(40), 2));

        for (TinyStudent.Heard heard : all) {
            assertThatThrownBy(() -> heard.response.join()).hasCauseInstanceOf(NotReadyException.class);
        }
    }

    @Test
    void manyRollouts_leaveNoTensorBehind() {
        student.sample("hello", SamplingRule.raw(4), 1).response.join();
        long before = student.thread.call(engine -> engine.openTensors());
        List<TinyStudent.Heard> heard = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            heard.add(student.sample("hello", new SamplingRule(1, 3, 0.9, 4, List.of()), i));
        }
        heard.forEach(one -> one.response.join());

        long after = student.thread.call(engine -> engine.openTensors());
        assertThat(after).isEqualTo(before);
    }

    private TinyStudent.Heard sample(int i) {
        SamplingRule rule =
                switch (i % 3) {
                    case 0 -> SamplingRule.raw(20);
                    case 1 -> new SamplingRule(0.8, 5, 1, 12, List.of());
                    default -> new SamplingRule(1.2, 0, 0.8, 16, List.of("zz"));
                };
        return student.sample(PROMPTS.get(i % PROMPTS.size()), rule, 100 + i);
    }

    /** A rollout that ends so, by trying seeds. */
    private TinyStudent.Heard ofFinish(FinishKind kind) {
        for (long seed = 0; seed < 100; seed++) {
            TinyStudent.Heard heard = student.sample("hello", SamplingRule.raw(20), seed);
            if (heard.response.join().finish() == kind) {
                return heard;
            }
        }
        throw new AssertionError("no seed below 100 ends by " + kind);
    }

    private long seedOfLength() {
        for (long seed = 0; seed < 100; seed++) {
            if (student.sample("hello", SamplingRule.raw(20), seed)
                            .response
                            .join()
                            .finish()
                    == FinishKind.LENGTH) {
                return seed;
            }
        }
        throw new AssertionError("no seed");
    }
}
