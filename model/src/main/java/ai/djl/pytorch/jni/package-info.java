// SPDX-License-Identifier: Apache-2.0
/** The one class that must stand in DJL's own package to reach its JNI; nothing else lives here. */
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
