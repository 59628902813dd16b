// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** Where a loop goes on after a statement. */
enum Flow {
    NEXT,
    BREAK,
    CONTINUE
}
