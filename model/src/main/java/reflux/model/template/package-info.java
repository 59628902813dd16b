// SPDX-License-Identifier: Apache-2.0
/** Chat templates: the part of Jinja that they use, without reflection, files or network; nothing here knows tokens. */
@NullMarked
package reflux.model.template;

import org.jspecify.annotations.NullMarked;
