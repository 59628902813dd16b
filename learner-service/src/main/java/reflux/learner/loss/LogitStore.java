// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.ArrayList;
import java.util.List;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * Logits of the first pass that wait for the second, which then need not multiply with the heads again. What does not fit is not
 * kept; the numbers are the same either way. Use on one engine thread.
 */
final class LogitStore {
    static final long MOST_BYTES = 1L << 28; // 256 MiB

    private final Scope parent;
    private final long mostBytes;
    private Scope scope;
    private long bytes;

    LogitStore(Scope parent, long mostBytes) {
        this.parent = parent;
        this.mostBytes = mostBytes;
        this.scope = parent.child();
    }

    /** The logits of a block of pairs, chunk by chunk. */
    final class Shelf {
        private final List<List<Tensor>> chunks = new ArrayList<>();
        private final Scope owner = scope;

        /** Moves the next chunk's logits here. */
        void put(List<Tensor> logits) {
            logits.forEach(scope::keep);
            chunks.add(logits);
            bytes += size(logits);
        }

        /** Moves a chunk's logits to {@code out}: none if there was no room for them or they were taken before. */
        List<Tensor> take(Scope out, int chunk) {
            if (chunk >= chunks.size() || owner != scope) {
                return List.of();
            }
            List<Tensor> logits = chunks.set(chunk, List.of());
            logits.forEach(out::keep);
            bytes -= size(logits);
            return logits;
        }
    }

    boolean hasRoom(long moreBytes) {
        return bytes + moreBytes <= mostBytes;
    }

    /** Forgets what nobody took. */
    void clear() {
        scope.close();
        scope = parent.child();
        bytes = 0;
    }

    private static long size(List<Tensor> logits) {
        return logits.stream()
                .mapToLong(each -> each.count() * each.type().bytes())
                .sum();
    }
}
