// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.Gemma3Config;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.GptNeoxConfig;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.LocalAttention;
import reflux.model.hf.OptConfig;

/** What distinguishes one architecture: its maths (a script resource), its weights and their names. */
sealed interface Family permits LlamaFamily, Gemma3Family, Gpt2Family, GptNeoxFamily, OptFamily {
    static Family of(DecoderConfig config) {
        if (config instanceof LlamaConfig llama) {
            return new LlamaFamily(llama);
        } else if (config instanceof Gemma3Config gemma) {
            return new Gemma3Family(gemma);
        } else if (config instanceof GptNeoxConfig neox) {
            return new GptNeoxFamily(neox);
        } else if (config instanceof OptConfig opt) {
            return new OptFamily(opt);
        }
        return new Gpt2Family((Gpt2Config) config);
    }

    DecoderConfig config();

    /** Resource beside this class. */
    String script();

    /** All weights in the order of files, under their full names. */
    List<WeightSpec> weights();

    /** Prefix of the names of all weights but the LM head, which some files leave out. */
    String prefix();

    /** Whether a stored tensor of this name (without prefix) is no weight but something recomputable. */
    boolean isBuffer(String name);

    /** Name of the weight that is the LM head. */
    String head();

    /** Name of the weight that is the table of the input embeddings. */
    String embeddings();

    /** Names in the order of the script's weight list; "" where the model has no such weight. */
    List<String> arguments();

    /** The linear modules of the layers, in the order of files: what an adapter may be put on. */
    default List<LinearModule> linears() {
        List<String> arguments = arguments();
        return weights().stream()
                .filter(spec -> spec.shape().size() == 2 && spec.name().startsWith(layers()))
                .map(spec -> LinearModule.of(spec, arguments.indexOf(spec.name()), isTransposed()))
                .toList();
    }

    /** Weights that a frozen model may hold as one, by rows: matrices that read the same input, and their biases. */
    default List<List<String>> stacks() {
        return List.of();
    }

    /** Prefix of the names of the layers' weights. */
    String layers();

    /** Whether matrices are stored as [in, out] and not as [out, in]. */
    boolean isTransposed();

    /** What the script wants: [H, K, E, layers, window, for each layer 1 if it is local, what the family says]. */
    default long[] sizes() {
        LongStream known =
                LongStream.of(config().heads(), keyValueHeads(), headSize(), config().layers(), local().window());
        LongStream kinds = IntStream.range(0, config().layers()).mapToLong(layer -> local().isLocal(layer) ? 1 : 0);
        return LongStream.concat(LongStream.concat(known, kinds), LongStream.of(flags()))
                .toArray();
    }

    /** The layers that attend to a window only. */
    default LocalAttention local() {
        return LocalAttention.NONE;
    }

    /** Numbers of the family's own, for its script. */
    default long[] flags() {
        return new long[0];
    }

    double normEpsilon();

    int keyValueHeads();

    int headSize();

    /** Tables for that many positions, as the script wants them. */
    List<Tensor> tables(Scope owner, DataType type, int positions);
}
