// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.data.Cursor;
import reflux.learner.data.FedPrompts;
import reflux.learner.data.FilePrompts;
import reflux.learner.data.PromptSequence;
import reflux.learner.data.PromptSource;
import reflux.learner.ledger.RolloutRequest;

/** The prompts that wait: fed ones first, then the files', those left out that the student cannot be asked. */
final class PromptQueue {
    private static final Logger log = LoggerFactory.getLogger(PromptQueue.class);
    private static final int MAX_SKIPPED_IN_A_ROW = 10_000;

    private final FedPrompts fed = new FedPrompts();
    private final Optional<FilePrompts> files;
    private final PromptSource source;
    private final PromptCheck check;

    PromptQueue(Optional<FilePrompts> files, PromptCheck check) {
        this.files = files;
        this.source = new PromptSequence(
                files.<List<PromptSource>>map(found -> List.of(fed, found)).orElse(List.of(fed)));
        this.check = check;
    }

    /** The next prompt; empty while none waits. Throws IllegalArgumentException if no line of the files can be used. */
    Optional<RolloutRequest> next() {
        for (int skipped = 0; skipped < MAX_SKIPPED_IN_A_ROW; skipped++) {
            Optional<RolloutRequest> request = source.next();
            if (request.isEmpty()) {
                return request;
            }
            try {
                check.require(request.get().prompt());
                return request;
            } catch (IllegalArgumentException e) {
                log.warn("prompt left out id={} cause={}", request.get().id(), e.getMessage());
            }
        }
        throw new IllegalArgumentException(
                MAX_SKIPPED_IN_A_ROW + " prompts in a row cannot be used; the log says why of each");
    }

    /** Queues a fed prompt; throws IllegalArgumentException if it cannot be used. */
    void feed(RolloutRequest request) {
        check.require(request.prompt());
        fed.add(request);
    }

    /** Whether a fed prompt waits. */
    boolean hasFed() {
        return fed.size() > 0;
    }

    Cursor cursor() {
        return files.map(FilePrompts::cursor).orElse(Cursor.START);
    }
}
