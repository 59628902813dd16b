// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.LoraConfig;

/** Tiny models with adapters whose B is not zero. */
final class TinyAdapters {
    static final LoraConfig ALL = new LoraConfig(3, 5, 0, List.of(LoraConfig.ALL_LINEAR), false);
    static final LoraConfig DROPPING = new LoraConfig(3, 5, 0.25, List.of(LoraConfig.ALL_LINEAR), true);

    private TinyAdapters() {}

    static Decoder trainable(Engine engine, DecoderConfig config, LoraConfig lora, DataType type) {
        Decoder decoder = Lora.fresh(engine, config, TinyModels.source(config), lora, 4, type);
        SplittableRandom random = new SplittableRandom(5);
        try (Scope scope = engine.scope().child()) {
            for (Parameter parameter : decoder.weights().parameters()) {
                long count = parameter.value().count();
                double[] values = random.doubles(count, -0.5, 0.5).toArray();
                engine.copy(scope.doubles(values, parameter.value().shape()), parameter.value());
            }
        }
        return decoder;
    }

    /** The decoder's adapter as it is now. */
    static MapSource source(Decoder decoder) {
        MapSource source = new MapSource();
        for (Parameter parameter : decoder.weights().parameters()) {
            Tensor value = parameter.value();
            source.put(parameter.name(), value.doubles(), value.shape());
        }
        return source;
    }

    static Map<String, double[]> gradients(Decoder decoder) {
        Map<String, double[]> gradients = new java.util.LinkedHashMap<>();
        decoder.weights()
                .parameters()
                .forEach(parameter ->
                        gradients.put(parameter.name(), parameter.gradient().doubles()));
        return gradients;
    }
}
