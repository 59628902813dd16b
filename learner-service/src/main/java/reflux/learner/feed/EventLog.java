// SPDX-License-Identifier: Apache-2.0
package reflux.learner.feed;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import reflux.rpc.StreamWriter;
import reflux.v1.RunEvent;
import reflux.v1.WatchRequest;

/** The events of a run: the newest are held for those who come later, all are told to those who watch. Confined to one context. */
public final class EventLog {
    private static final int HELD = 10_000;

    private final Clock clock;
    private final Deque<RunEvent> held = new ArrayDeque<>();
    private final Set<StreamWriter<RunEvent>> watchers = new HashSet<>();

    public EventLog(Clock clock) {
        this.clock = clock;
    }

    /** Tells an event, with the time of now. */
    public void tell(RunEvent.Builder event) {
        RunEvent told = event.setUnixMillis(clock.millis()).build();
        if (held.size() == HELD) {
            held.removeFirst();
        }
        held.addLast(told);
        for (StreamWriter<RunEvent> watcher : List.copyOf(watchers)) {
            watcher.write(told).onFailure(gone -> watchers.remove(watcher));
        }
    }

    /** Serves Learner.Watch: held events if asked for, then those to come, until the watcher goes or the server drains. */
    public void watch(WatchRequest request, StreamWriter<RunEvent> watcher) {
        watcher.onClosed(cause -> watchers.remove(watcher));
        watcher.onDrain(watcher::end);
        watchers.add(watcher);
        if (request.getReplay()) {
            List.copyOf(held).forEach(event -> watcher.write(event).onFailure(gone -> watchers.remove(watcher)));
        }
    }
}
