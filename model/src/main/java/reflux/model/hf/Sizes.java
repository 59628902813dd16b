// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

/** Range checks of configuration values, with Hugging Face's names in the messages. */
final class Sizes {
    private Sizes() {}

    static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be >= 1, was " + value);
        }
    }

    static void requireMultiple(String name, int value, String factorName, int factor) {
        if (value % factor != 0) {
            throw new IllegalArgumentException(
                    name + " must be a multiple of " + factorName + ", were " + value + " and " + factor);
        }
    }
}
