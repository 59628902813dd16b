// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

/** Both sides rely on different tokenizers, vocabularies, LM heads or types; on the wire FAILED_PRECONDITION. */
public final class ContractMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ContractMismatchException(String message) {
        super(message);
    }
}
