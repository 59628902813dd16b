// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** The value of a name or key that is not there: prints as nothing, is false, and has no attributes. */
record Undefined(String what) {
    TemplateException failure() {
        return new TemplateException(what + " is undefined");
    }
}
