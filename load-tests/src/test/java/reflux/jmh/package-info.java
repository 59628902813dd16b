// SPDX-License-Identifier: Apache-2.0
/** JMH benches of what runs once for each token or each byte in Java. Compiled with the tests, run by {@code load-tests/jmh/run}. */
@NullMarked
package reflux.jmh;

import org.jspecify.annotations.NullMarked;
