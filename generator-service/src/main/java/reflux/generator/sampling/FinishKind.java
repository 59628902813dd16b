// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

/** Why a rollout ended. */
public enum FinishKind {
    /** The end-of-sequence token was sampled; it is the last token. */
    END_TOKEN,
    /** As many tokens as were asked for, or as have room. */
    LENGTH,
    /** One of the stop texts appeared. */
    STOP_TEXT
}
