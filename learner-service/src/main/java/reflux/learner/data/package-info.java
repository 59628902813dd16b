// SPDX-License-Identifier: Apache-2.0
/** Where prompts come from: files and the feed. No sockets. */
@NullMarked
package reflux.learner.data;

import org.jspecify.annotations.NullMarked;
