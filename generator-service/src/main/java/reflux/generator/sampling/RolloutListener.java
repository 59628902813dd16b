// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

/** What a rollout says while it is sampled. Called on the engine thread: hand over, do not work here. */
public interface RolloutListener {
    /** The next tokens, in order; none that a stop text could still take away. */
    void tokens(TokenRun run);

    /** All tokens have been told. */
    void finished(Response response);

    /** Nothing more comes. */
    void failed(Throwable cause);
}
