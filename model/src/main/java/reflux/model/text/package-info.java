// SPDX-License-Identifier: Apache-2.0
/** Text to token ids and back, with the exact bytes of each token; nothing here knows weights or devices. */
@NullMarked
package reflux.model.text;

import org.jspecify.annotations.NullMarked;
