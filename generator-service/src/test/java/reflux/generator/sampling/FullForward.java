// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** Log-probabilities by one forward pass without cache, to check the sampler against. */
final class FullForward {
    private FullForward() {}

    /** [response][V] of the policy, V without padding. */
    static float[][] logProbs(TinyStudent student, String prompt, int[] response) {
        return logProbs(student, student.sampler.policy().decoder(), prompt, response);
    }

    /** [response][V] of any decoder of the student's engine, V without padding. */
    static float[][] logProbs(TinyStudent student, Decoder decoder, String prompt, int[] response) {
        int[] ids = new int[prompt.length() + response.length];
        for (int i = 0; i < prompt.length(); i++) {
            ids[i] = prompt.charAt(i) - 'a';
        }
        System.arraycopy(response, 0, ids, prompt.length(), response.length);
        int[] wanted = IntStream.range(prompt.length() - 1, ids.length - 1).toArray();
        float[] flat = student.thread.call(engine -> {
            try (Scope scope = engine.scope().child()) {
                Tensor hidden = decoder.hidden(scope, TokenBatch.of(List.of(ids)));
                return decoder.logits(scope, decoder.rows(scope, hidden, wanted))
                        .floats();
            }
        });
        int width = decoder.config().vocabularySize();
        float[][] rows = new float[response.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(
                    flat, i * width, i * width + TinyStudent.letters().size());
            double sum = SamplingOracle.logSumExp(rows[i]);
            for (int id = 0; id < rows[i].length; id++) {
                rows[i][id] -= (float) sum;
            }
        }
        return rows;
    }
}
