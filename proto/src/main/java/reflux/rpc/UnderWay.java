// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The items under way on one stream, their cost, and the ids that were cancelled but not yet ended by the replica. */
final class UnderWay<Q, R> {
    private final Map<String, Flight<Q, R>> flights = new LinkedHashMap<>();
    private final Set<String> cancelled = new HashSet<>();
    private long cost;

    void add(Flight<Q, R> flight) {
        flights.put(flight.id(), flight);
        cost += flight.item.cost();
        flight.attempts++;
        flight.heardNanos = System.nanoTime();
    }

    /** The item that a message is about; null if it is none of ours any more. */
    @Nullable
    Flight<Q, R> heard(String id) {
        Flight<Q, R> flight = flights.get(id);
        if (flight != null) {
            flight.heardNanos = System.nanoTime();
        }
        return flight;
    }

    /** Silence so far was ours: nothing was read. */
    void hearAll() {
        long now = System.nanoTime();
        flights.values().forEach(flight -> flight.heardNanos = now);
    }

    boolean has(Flight<Q, R> flight) {
        return flights.get(flight.id()) == flight;
    }

    /** The item has ended, at the replica too. */
    @Nullable
    Flight<Q, R> end(String id) {
        cancelled.remove(id);
        return remove(id);
    }

    /** Forgets the item; its id cannot be used on this stream until the replica has ended it. False if it is not here. */
    boolean cancel(String id) {
        boolean here = remove(id) != null;
        if (here) {
            cancelled.add(id);
        }
        return here;
    }

    boolean mayTake(String id) {
        return !cancelled.contains(id);
    }

    /** The stream is over: all that was under way. */
    List<Flight<Q, R>> takeAll() {
        List<Flight<Q, R>> all = new ArrayList<>(flights.values());
        flights.clear();
        cancelled.clear();
        cost = 0;
        return all;
    }

    /** Whether nothing was heard of some item since then. */
    boolean isSilentSince(long nanos) {
        return flights.values().stream().anyMatch(flight -> flight.heardNanos - nanos < 0);
    }

    int size() {
        return flights.size();
    }

    long cost() {
        return cost;
    }

    private @Nullable Flight<Q, R> remove(String id) {
        Flight<Q, R> flight = flights.remove(id);
        if (flight != null) {
            cost -= flight.item.cost();
        }
        return flight;
    }
}
