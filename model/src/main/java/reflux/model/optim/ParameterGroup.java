// SPDX-License-Identifier: Apache-2.0
package reflux.model.optim;

import java.util.List;
import reflux.model.decoder.Parameter;

/**
 * Parameters that are optimised alike.
 *
 * @param learningRateFactor times the learning rate of each step
 * @param weightDecay decoupled: the value shrinks by learning rate times this
 */
public record ParameterGroup(String name, List<Parameter> parameters, double learningRateFactor, double weightDecay) {
    public ParameterGroup {
        parameters = List.copyOf(parameters);
        if (!(learningRateFactor >= 0)) {
            throw new IllegalArgumentException("learningRateFactor must be >= 0, was " + learningRateFactor);
        }
        if (!(weightDecay >= 0)) {
            throw new IllegalArgumentException("weightDecay must be >= 0, was " + weightDecay);
        }
    }
}
