// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

/** How a bidi method is spoken: builds the client's messages and reads the server's. */
public interface LaneProtocol<Q, R> {
    /** The first message of each stream. */
    Q hello();

    /** Tells the server that an item is not wanted any more. */
    Q cancel(String id);

    /** What a received message is; an exception ends the stream, and its items go elsewhere. */
    LaneMessage read(R message);

    /**
     * Looks at the replica's first answer.
     *
     * @throws reflux.wire.ContractMismatchException if this replica cannot be used; it is asked again later
     */
    default void accept(PeerAddress replica, R welcome) {}
}
