// SPDX-License-Identifier: Apache-2.0
/** The loss of fixed responses with its gradients, without a server: to hold it against another implementation. */
@NullMarked
package reflux.learner.fixed;

import org.jspecify.annotations.NullMarked;
