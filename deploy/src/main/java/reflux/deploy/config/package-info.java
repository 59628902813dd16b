// SPDX-License-Identifier: Apache-2.0
/** Settings from file, environment and command line, merged, checked and bound to the services' records. */
@NullMarked
package reflux.deploy.config;

import org.jspecify.annotations.NullMarked;
