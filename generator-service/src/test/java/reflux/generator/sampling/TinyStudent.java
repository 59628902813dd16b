// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.Gpt2Config;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** A random GPT-2 of 26 letters and an end token, with a sampler of its own. */
final class TinyStudent implements AutoCloseable {
    static final int END = 26;
    static final Gpt2Config CONFIG = new Gpt2Config(32, 16, 64, 2, 2, 64, 1e-5, "gelu_new", true, List.of(END));

    static final Gpt2Config TEACHER = new Gpt2Config(40, 24, 64, 1, 3, 96, 1e-5, "gelu_new", true, List.of(END));

    final EngineThread thread = EngineThread.start(EngineSettings.cpu("tiny-student", 1));
    final RolloutSampler sampler;
    Decoder mixed;

    TinyStudent(int slots) {
        this(slots, null);
    }

    /** With a random teacher of 40 columns to mix with, if a seed is given. */
    TinyStudent(int slots, Long teacherSeed) {
        SamplerSettings settings = new SamplerSettings(DataType.F32, slots, 48, 64, Set.of());
        sampler = thread.call(engine -> {
            mixed = teacherSeed == null ? null : Decoder.random(engine, TEACHER, teacherSeed);
            Decoder decoder = Decoder.random(engine, CONFIG, 11);
            return new RolloutSampler(
                    thread, engine, settings, decoder, mixed, Optional.empty(), letters(), new SimpleMeterRegistry());
        });
    }

    /** a to z, then the end token. */
    static Vocabulary letters() {
        byte[] bytes = new byte[26];
        int[] ends = new int[27];
        byte[] kinds = new byte[27];
        for (int i = 0; i < 26; i++) {
            bytes[i] = (byte) ('a' + i);
            ends[i] = i + 1;
        }
        ends[END] = 26;
        kinds[END] = 1;
        return Vocabulary.of(bytes, ends, kinds);
    }

    Heard sample(String prompt, SamplingRule rule, long seed) {
        return sample(prompt, rule, seed, 0);
    }

    Heard sample(String prompt, SamplingRule rule, long seed, int index) {
        int[] ids = prompt.chars().map(c -> c - 'a').toArray();
        Heard heard = new Heard();
        heard.rollout = sampler.sample(new RolloutRequest(TokenIds.of(ids), rule, seed, index), heard);
        return heard;
    }

    @Override
    public void close() {
        sampler.close().join();
        thread.close();
    }

    /** What one rollout said. */
    static class Heard implements RolloutListener {
        final CompletableFuture<Response> response = new CompletableFuture<>();
        final List<Integer> ids = new ArrayList<>();
        final List<Float> logProbs = new ArrayList<>();
        final List<Float> behaviourLogProbs = new ArrayList<>();
        final List<Long> versions = new ArrayList<>();
        Rollout rollout;

        @Override
        public synchronized void tokens(TokenRun run) {
            if (run.index() != ids.size()) {
                response.completeExceptionally(new AssertionError("a run began at " + run.index()));
            }
            for (int i = 0; i < run.size(); i++) {
                ids.add(run.id(i));
                logProbs.add(run.logProb(i));
                versions.add(run.policyVersion(i));
                if (run.isMixed()) {
                    behaviourLogProbs.add(run.behaviourLogProb(i));
                }
            }
        }

        @Override
        public void finished(Response done) {
            response.complete(done);
        }

        @Override
        public void failed(Throwable cause) {
            response.completeExceptionally(cause);
        }

        String text() {
            byte[] bytes = new byte[response.join().bytes().remaining()];
            response.join().bytes().get(bytes);
            return new String(bytes, java.nio.charset.StandardCharsets.US_ASCII);
        }
    }
}
