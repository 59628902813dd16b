// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** What a template can call: a macro, a global function or a method of a value. */
interface Callable {
    Object call(Run run, Arguments arguments);
}
