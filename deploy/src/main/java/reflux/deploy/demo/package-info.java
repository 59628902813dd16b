// SPDX-License-Identifier: Apache-2.0
/** The demo: its data, its four processes, its progress line and its report. */
@NullMarked
package reflux.deploy.demo;

import org.jspecify.annotations.NullMarked;
