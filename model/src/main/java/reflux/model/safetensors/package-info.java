// SPDX-License-Identifier: Apache-2.0
/** Reading and writing safetensors files, which come from outside and are not trusted; no native code and no model knowledge. */
@NullMarked
package reflux.model.safetensors;

import org.jspecify.annotations.NullMarked;
