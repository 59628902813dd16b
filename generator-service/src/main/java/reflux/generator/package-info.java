// SPDX-License-Identifier: Apache-2.0

/** The generator: the door of {@code StudentGenerator}, its streams to the teachers, and the wiring; no native work and no sampling maths. */
@NullMarked
package reflux.generator;

import org.jspecify.annotations.NullMarked;
