// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.learner.data.AdaptiveSchedule.Route;
import reflux.learner.data.AdaptiveSchedule.State;
import reflux.learner.data.SourceRule.Place;
import reflux.learner.ledger.Origin;
import reflux.learner.vectors.KdVector;

class AdaptiveScheduleTest {
    @Test
    void evaluations_moveTheThresholdAsPublished() {
        KdVector vector = KdVector.of("distillm_threshold");
        double start = vector.in("init_threshold").asDouble();
        AdaptiveSchedule schedule =
                new AdaptiveSchedule(42, 10, vector.in("loss_eps").asDouble(), Origin.DATASET, State.start(start));

        schedule.evaluated(vector.in("initial_val").asDouble());

        for (JsonNode expected : vector.out("trace")) {
            schedule.evaluated(expected.get("val").asDouble());
            assertThat(schedule.state().threshold())
                    .isCloseTo(expected.get("threshold").asDouble(), within(1e-9));
            assertThat(schedule.state().level()).isEqualTo(expected.get("prev").asDouble());
        }
    }

    @Test
    void draws_areRoutedAsPublished() {
        KdVector vector = KdVector.of("distillm_routing");
        long total = vector.in("total").asLong();
        AdaptiveSchedule schedule = schedule(total, vector.in("phi").asDouble());

        for (JsonNode expected : vector.out("cases")) {
            Route route = schedule.route(
                    expected.get("r").asDouble(),
                    vector.in("step").asLong(),
                    expected.get("buffer_full").asBoolean());
            assertThat(route).isEqualTo(route(expected.get("out").asText()));
        }
    }

    @Test
    void threshold_isNeverAboveOne() {
        AdaptiveSchedule schedule = schedule(10, 0.95);

        schedule.evaluated(1);
        schedule.evaluated(2);

        assertThat(schedule.state()).isEqualTo(new State(1, 2));
    }

    @Test
    void thresholdZero_givesEveryResponse() {
        AdaptiveSchedule schedule = schedule(100, 0);

        assertThat(IntStream.range(0, 1000))
                .allMatch(i -> schedule.origin("id", new Place(i, 0, false)) == Origin.DATASET)
                .noneMatch(i -> schedule.replays(new Place(i, 0, true)));
    }

    @Test
    void halfWay_theThresholdIsSplitBetweenSamplesAndReplay() {
        AdaptiveSchedule schedule = schedule(100, 0.6);
        int places = 10_000;

        long replayed = IntStream.range(0, places)
                .filter(i -> schedule.replays(new Place(i, 50, true)))
                .count();
        long given = IntStream.range(0, places)
                .filter(i -> schedule.origin("id", new Place(i, 50, true)) == Origin.DATASET)
                .count();

        assertThat((double) replayed / places).isCloseTo(0.3, within(0.02));
        assertThat((double) given / places).isCloseTo(0.4, within(0.02));
    }

    private static AdaptiveSchedule schedule(long total, double threshold) {
        return new AdaptiveSchedule(42, total, 0.1, Origin.DATASET, State.start(threshold));
    }

    private static Route route(String published) {
        return switch (published) {
            case "generate+push+train_fresh" -> Route.GENERATE;
            case "replay" -> Route.REPLAY;
            default -> Route.GIVEN;
        };
    }
}
