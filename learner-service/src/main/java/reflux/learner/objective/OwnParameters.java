// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Parameters of a loss as the tensors of a checkpoint, by their names. */
record OwnParameters(Engine engine, List<Parameter> parameters) {

    List<TensorInfo> infos() {
        return parameters.stream().map(OwnParameters::info).toList();
    }

    /** Valid while the parameters are open and not stepped. */
    ByteBuffer bytes(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the objective has no tensor " + name))
                .value()
                .bytes();
    }

    /** Takes all; IllegalArgumentException if one is missing or has another type or shape, and nothing is changed then. */
    void restore(TensorSource source) {
        for (TensorInfo own : infos()) {
            if (!source.has(own.name()) || !source.info(own.name()).equals(own)) {
                throw new IllegalArgumentException("checkpoint must have " + own + ", has "
                        + (source.has(own.name()) ? source.info(own.name()) : "no such tensor"));
            }
        }
        try (Scope step = engine.scope().child()) {
            for (Parameter parameter : parameters) {
                Tensor target = parameter.value();
                engine.copy(step.copyOf(target.type(), source.bytes(parameter.name()), target.shape()), target);
            }
        }
    }

    private static TensorInfo info(Parameter parameter) {
        Tensor value = parameter.value();
        List<Long> shape = Arrays.stream(value.shape()).boxed().toList();
        return new TensorInfo(
                parameter.name(),
                value.type(),
                shape,
                value.count() * value.type().bytes());
    }
}
