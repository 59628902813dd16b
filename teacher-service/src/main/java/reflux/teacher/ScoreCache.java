// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;

/** Scores already computed, weighed in bytes of keys and tensors. Safe from all threads. */
final class ScoreCache {

    private final Cache<ScoreKey, Score> scores;
    private final long maxBytes;

    ScoreCache(long maxBytes) {
        this.maxBytes = maxBytes;
        this.scores = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((ScoreKey key, Score score) -> (int) Math.min(Integer.MAX_VALUE, key.weight() + score.bytes()))
                .executor(Runnable::run)
                .build();
    }

    Optional<Score> find(ScoreKey key) {
        return maxBytes == 0 ? Optional.empty() : Optional.ofNullable(scores.getIfPresent(key));
    }

    void put(ScoreKey key, Score score) {
        if (maxBytes > 0) {
            scores.put(key, score);
        }
    }

    long weight() {
        scores.cleanUp();
        return scores.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
}
