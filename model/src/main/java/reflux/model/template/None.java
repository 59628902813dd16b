// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** Python's None. */
enum None {
    NONE
}
