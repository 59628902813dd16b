// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.List;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.RowPairs;
import reflux.learner.loss.Term;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** The loss of {@link Sinkd}. */
final class SinkdLoss implements ObjectiveLoss {
    private static final String BLOCKS = "sinkhorn_blocks";
    private static final int BLOCK_ROWS = 128;

    private final Sinkd settings;
    private final LossSite site;
    private final ObjectiveLoss tokens;
    private final Script script;
    private final Scope scope;

    /** Rows of one response that predict the same tokens. */
    private record Block(int[] studentRows, int[] teacherRows) {}

    SinkdLoss(Sinkd settings, LossSite site) {
        this.settings = settings;
        this.site = site;
        this.tokens = settings.tokens().open(site);
        this.script =
                Script.load(site.engine(), SinkdLoss.class, "/reflux/learner/loss/distribution.py", "transport.py");
        this.scope = site.engine().scope().child();
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        Prepared prepared = tokens.prepare(batch);
        Tally tally = prepared.tally().and(BLOCKS, blocks(batch).size());
        return new CountedBatch(tally, (student, same, step) -> prepared.evaluate(student, same, step)
                .plus(transport(student, same, step)));
    }

    private static List<Block> blocks(LossBatch batch) {
        List<Block> blocks = new ArrayList<>();
        for (Response response : batch.responses()) {
            RowPairs pairs = new LossBatch(
                            List.of(response), batch.studentRows(), batch.teacherRows(), batch.teacherRows_MD())
                    .pairs();
            for (Chunk chunk : Chunk.of(pairs.size(), BLOCK_ROWS)) {
                blocks.add(new Block(chunk.cut(pairs.studentRows()), chunk.cut(pairs.teacherRows())));
            }
        }
        return blocks;
    }

    private Terms transport(StudentPass student, LossBatch batch, Tally step) {
        double share = step.share(settings.weight(), BLOCKS);
        List<Block> blocks = blocks(batch);
        double sum = 0;
        for (Block block : blocks) {
            try (Scope each = scope.child()) {
                List<Tensor> found = script.callAll(
                        each,
                        "transport",
                        student.logits(each, block.studentRows()),
                        batch.teacherLogits(site, each, block.teacherRows()),
                        settings.temperature(),
                        settings.epsilon(),
                        settings.iterations(),
                        share);
                sum += found.get(0).item();
                student.push(block.studentRows(), found.get(1));
            }
        }
        return Terms.of("sinkhorn", new Term(sum, blocks.size()), sum * share);
    }

    @Override
    public void close() {
        scope.close();
        script.close();
        tokens.close();
    }
}
