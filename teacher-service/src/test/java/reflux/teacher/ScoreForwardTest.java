// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.text.TokenIds;
import reflux.teacher.AskedPayload.FullLogits;
import reflux.teacher.AskedPayload.HiddenStates;
import reflux.teacher.AskedPayload.SampledLogProb;
import reflux.teacher.AskedPayload.TopK;
import reflux.v1.DataType;
import reflux.v1.PayloadKind;

/** Payloads against the decoder's own hidden states and plain Java arithmetic in double. Seed 3. */
final class ScoreForwardTest {

    private static final int D = TinyTeacher.HIDDEN;
    private static final int V = 101;
    private static final int PADDING = 4;

    private static EngineThread engine;
    private static Decoder decoder;
    private static Script script;
    private static ScoreForward forward;
    private static double[] head;

    @BeforeAll
    static void start() {
        engine = EngineThread.start(EngineSettings.cpu("score-forward-test", 1));
        PayloadRules rules = new PayloadRules(D, V, V - PADDING, V, java.util.Set.of(PayloadKind.values()));
        engine.call(open -> {
            decoder = Decoder.random(open, TinyTeacher.config(V, List.of(2)), 3);
            script = Script.load(open, TeacherModel.class, "score.py");
            head = decoder.head().doubles();
            return null;
        });
        forward = new ScoreForward(decoder, script, rules);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @Test
    void hiddenInF32_equalTheDecodersWhateverTheBatch() {
        List<ScoreKey> keys = keys(12, new HiddenStates(DataType.DATA_TYPE_F32));
        List<Score> together = run(keys);
        List<Score> others = run(keys.subList(3, 7));

        for (int i = 0; i < keys.size(); i++) {
            assertThat(floats(together.get(i), 0)).containsExactly(hidden(keys.get(i)), within(1e-6f));
        }
        assertThat(floats(others.get(1), 0)).containsExactly(floats(together.get(4), 0), within(1e-6f));
        assertThat(run(keys)).isEqualTo(together);
    }

    @Test
    void hiddenInBf16AndF16_areTheNearestValues() {
        ScoreKey exact = key(1, 5, 7, new HiddenStates(DataType.DATA_TYPE_F32));
        float[] hidden = hidden(exact);
        List<Score> scores = run(List.of(
                key(1, 5, 7, new HiddenStates(DataType.DATA_TYPE_BF16)),
                key(1, 5, 7, new HiddenStates(DataType.DATA_TYPE_F16))));

        short[] bf16 = shorts(scores.get(0));
        short[] f16 = shorts(scores.get(1));
        for (int i = 0; i < hidden.length; i++) {
            float wide = Float.intBitsToFloat(bf16[i] << 16);
            assertThat(wide).isCloseTo(hidden[i], within(Math.abs(hidden[i]) / 256 + 1e-30f));
            assertThat(fromHalf(f16[i])).isCloseTo(hidden[i], within(Math.abs(hidden[i]) / 2048 + 1e-7f));
        }
    }

    @Test
    void sampledLogProb_isLogSoftmaxOfHiddenTimesHead() {
        ScoreKey key = key(5, 6, 9, new SampledLogProb());
        float[] logProbs = floats(run(List.of(key)).get(0), 0);
        double[][] expected = logSoftmax(key);

        for (int i = 0; i < 9; i++) {
            assertThat((double) logProbs[i]).isCloseTo(expected[i][key.tokens().get(6 + i)], within(1e-5));
        }
    }

    @Test
    void topKAndTail_sumToOneAndAreTheLargest() {
        ScoreKey key = key(9, 3, 8, new TopK(5));
        Score score = run(List.of(key)).get(0);
        IntBuffer ids = little(score, 0).asIntBuffer();
        float[] top = floats(score, 1);
        float[] tail = floats(score, 2);
        double[][] expected = logSoftmax(key);

        for (int i = 0; i < 8; i++) {
            double sum = Math.exp(tail[i]);
            double[] sorted = Arrays.stream(expected[i]).sorted().toArray();
            for (int k = 0; k < 5; k++) {
                sum += Math.exp(top[i * 5 + k]);
                assertThat((double) top[i * 5 + k]).isCloseTo(sorted[V - PADDING - 1 - k], within(1e-5));
                assertThat((double) top[i * 5 + k]).isCloseTo(expected[i][ids.get(i * 5 + k)], within(1e-5));
            }
            assertThat(sum).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void topKOfAll_namesNoPaddingAndLeavesNoTail() {
        ScoreKey key = key(9, 3, 2, new TopK(V - PADDING));
        Score score = run(List.of(key)).get(0);

        IntBuffer ids = little(score, 0).asIntBuffer();
        for (int i = 0; i < 2; i++) {
            int[] row = new int[V - PADDING];
            ids.get(row);
            assertThat(row)
                    .containsExactlyInAnyOrder(IntStream.range(0, V - PADDING).toArray());
        }
        assertThat(floats(score, 2)).containsOnly(Float.NEGATIVE_INFINITY);
    }

    @Test
    void topKOfAllWithoutPadding_leavesNoTail() {
        PayloadRules full = new PayloadRules(D, V, V, V, java.util.Set.of(PayloadKind.values()));
        ScoreForward unpadded = new ScoreForward(decoder, script, full);

        float[] tail = floats(run(unpadded, List.of(key(9, 3, 2, new TopK(V)))).get(0), 2);

        assertThat(tail).containsOnly(Float.NEGATIVE_INFINITY);
    }

    @Test
    void severalPayloadsTogether_equalEachAlone() {
        AskedPayload[] asked = {
            new FullLogits(DataType.DATA_TYPE_F32),
            new HiddenStates(DataType.DATA_TYPE_BF16),
            new TopK(3),
            new SampledLogProb()
        };
        Score all = run(List.of(key(4, 6, 5, asked))).get(0);
        List<ByteBuffer> each = new ArrayList<>();
        for (AskedPayload one : asked) {
            each.addAll(run(List.of(key(4, 6, 5, one))).get(0).tensors());
        }

        assertThat(all.tensors()).isEqualTo(each);
        float[] logits = floats(all, 0);
        double[][] expected = logSoftmax(key(4, 6, 5, asked));
        double mass = 0;
        for (int v = 0; v < V - PADDING; v++) {
            mass += Math.exp(logits[v]);
        }
        assertThat(logits[17] - Math.log(mass)).isCloseTo(expected[0][17], within(1e-5));
    }

    @Test
    void manyBatches_leaveNoTensorOpen() {
        run(keys(8, new TopK(4), new HiddenStates(DataType.DATA_TYPE_BF16)));
        long before = engine.call(open -> open.openTensors());
        for (int i = 0; i < 20; i++) {
            run(keys(8, new TopK(4), new HiddenStates(DataType.DATA_TYPE_BF16)));
        }

        assertThat(engine.<Long>call(open -> open.openTensors())).isEqualTo(before);
    }

    private static List<Score> run(List<ScoreKey> keys) {
        return run(forward, keys);
    }

    private static List<Score> run(ScoreForward forward, List<ScoreKey> keys) {
        Score[] scores = new Score[keys.size()];
        engine.call(open -> {
            forward.run(open, keys, new ScoreForward.Sink() {
                @Override
                public void done(int item, Score score) {
                    scores[item] = score;
                }

                @Override
                public void failed(int item, RuntimeException cause) {
                    throw cause;
                }
            });
            return null;
        });
        return List.of(scores);
    }

    private static List<ScoreKey> keys(int count, AskedPayload... asked) {
        Random random = new Random(3);
        return IntStream.range(0, count)
                .mapToObj(i -> key(100 + i, 1 + random.nextInt(12), 1 + random.nextInt(12), asked))
                .toList();
    }

    private static ScoreKey key(long seed, int prompt, int response, AskedPayload... asked) {
        int[] ids = new Random(seed).ints(prompt + response, 0, V - PADDING).toArray();
        return new ScoreKey(TokenIds.of(ids), prompt, List.of(asked));
    }

    /** [N, D] of the item computed alone, all its tokens read. */
    private static float[] hidden(ScoreKey key) {
        return engine.call(open -> {
            try (Scope scope = open.scope().child()) {
                float[] all = decoder.hidden(
                                scope, TokenBatch.of(List.of(key.tokens().toArray())))
                        .floats();
                return Arrays.copyOfRange(
                        all, (key.promptTokens() - 1) * D, (key.tokens().size() - 1) * D);
            }
        });
    }

    /** Of the ids, without padding. */
    private static double[][] logSoftmax(ScoreKey key) {
        float[] hidden = hidden(key);
        double[][] rows = new double[key.responseTokens()][V - PADDING];
        for (int i = 0; i < rows.length; i++) {
            double mass = 0;
            for (int v = 0; v < rows[i].length; v++) {
                for (int d = 0; d < D; d++) {
                    rows[i][v] += hidden[i * D + d] * head[v * D + d];
                }
                mass += Math.exp(rows[i][v]);
            }
            for (int v = 0; v < rows[i].length; v++) {
                rows[i][v] -= Math.log(mass);
            }
        }
        return rows;
    }

    private static ByteBuffer little(Score score, int tensor) {
        return score.tensors().get(tensor).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float[] floats(Score score, int tensor) {
        FloatBuffer values = little(score, tensor).asFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        return copy;
    }

    private static short[] shorts(Score score) {
        short[] copy = new short[score.tensors().get(0).remaining() / 2];
        little(score, 0).asShortBuffer().get(copy);
        return copy;
    }

    private static float fromHalf(short half) {
        int exponent = (half >> 10) & 31;
        float fraction = half & 1023;
        float size = exponent == 0
                ? fraction * (float) Math.pow(2, -24)
                : (1 + fraction / 1024) * (float) Math.pow(2, exponent - 15);
        return half < 0 ? -size : size;
    }
}
