// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import reflux.learner.align.Alignment;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.FirstTokens;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.loss.Heads;
import reflux.learner.vectors.KdVector;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** Steps of an objective over replies, in f64, with two small heads. Close it on its engine thread. */
final class ReplyStep implements AutoCloseable {
    static final int STUDENT_WIDTH = 3;
    static final int TEACHER_WIDTH = 4;
    static final int TOKENS = 6;
    /** Tokens that a teacher without hidden states sends of each row. */
    static final int TOP = 3;

    final Models models;
    final Scope scope;
    final LossSite site;
    private final DataType type;
    private final HeadMaths maths;
    private final boolean hasHiddenStates;
    private final Tensor wholeGradient;

    /** Heads and tables of input embeddings. */
    record Models(
            double[][] studentHead,
            double[][] teacherHead,
            double[][] studentEmbeddings,
            double[][] teacherEmbeddings) {

        static Models random() {
            return new Models(
                    PlainMaths.gaussian(11, TOKENS, STUDENT_WIDTH),
                    PlainMaths.gaussian(12, TOKENS, TEACHER_WIDTH),
                    PlainMaths.gaussian(13, TOKENS, STUDENT_WIDTH),
                    PlainMaths.gaussian(14, TOKENS, TEACHER_WIDTH));
        }
    }

    /** Terms and gradients of a whole step: of each reply's rows, of the head, of the loss's own parameters by name. */
    record Result(Terms terms, double[][] rows, double[] head, Map<String, double[]> own) {}

    ReplyStep(Engine engine) {
        this(engine, DataType.F64, Models.random(), true);
    }

    /** @param hasHiddenStates else the teacher sends the log-probability of each token and its likeliest tokens */
    ReplyStep(Engine engine, DataType type, Models models, boolean hasHiddenStates) {
        this.type = type;
        this.models = models;
        this.hasHiddenStates = hasHiddenStates;
        this.scope = engine.scope().child();
        this.maths = new HeadMaths(engine);
        Tensor head = tensor(models.studentHead());
        Vocabulary vocabulary = vocabulary();
        this.wholeGradient = scope.zeros(type, head.shape());
        this.site = LossSite.of(
                engine,
                new Heads(head, wholeGradient, tensor(models.teacherHead())),
                maths,
                vocabulary,
                vocabulary,
                Optional.of(new LossSite.Embeddings(
                        tensor(models.studentEmbeddings()), tensor(models.teacherEmbeddings()))));
    }

    /** The gradient of the student's head with that of its padding rows at the end, if it has more than {@link #TOKENS}. */
    double[] wholeGradient() {
        return wholeGradient.doubles();
    }

    private static Vocabulary vocabulary() {
        int[] ends = IntStream.rangeClosed(1, TOKENS).toArray();
        return Vocabulary.of("abcdef".getBytes(StandardCharsets.UTF_8), ends, new byte[TOKENS]);
    }

    /** One micro-batch. */
    Result run(ObjectiveLoss loss, List<Reply> replies) {
        return run(loss, 0, List.of(replies));
    }

    /** Each list is a micro-batch; {@code gap} rows that nothing is said about stand before each reply on both sides. */
    Result run(ObjectiveLoss loss, int gap, List<List<Reply>> parts) {
        Tensor headGradient = site.heads().studentGradient_Vd();
        site.engine().copy(scope.zeros(type, headGradient.shape()), headGradient);
        for (Parameter own : loss.parameters()) {
            site.engine().copy(scope.zeros(type, own.gradient().shape()), own.gradient());
        }
        loss.beginStep(0);
        List<LossBatch> batches = new ArrayList<>();
        List<ObjectiveLoss.Prepared> prepared = new ArrayList<>();
        Tally tally = Tally.NONE;
        for (List<Reply> part : parts) {
            LossBatch batch = batch(part, gap);
            batches.add(batch);
            prepared.add(loss.prepare(batch));
            tally = tally.plus(prepared.get(prepared.size() - 1).tally());
        }
        Terms terms = Terms.NONE;
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            StudentPass pass = new StudentPass(site, scope, studentRows(parts.get(i), gap));
            terms = terms.plus(prepared.get(i).evaluate(pass, batches.get(i), tally));
            rows.addAll(
                    gradients(parts.get(i), batches.get(i), pass.gradient_Nd().doubles()));
        }
        Map<String, double[]> own = new TreeMap<>();
        loss.parameters().forEach(each -> own.put(each.name(), each.gradient().doubles()));
        return new Result(terms, rows.toArray(double[][]::new), headGradient.doubles(), own);
    }

    private List<double[]> gradients(List<Reply> part, LossBatch batch, double[] all) {
        List<double[]> rows = new ArrayList<>();
        int width = models.studentHead()[0].length;
        for (int i = 0; i < part.size(); i++) {
            int start = batch.responses().get(i).studentRow() * width;
            rows.add(Arrays.copyOfRange(all, start, start + part.get(i).tokens().length * width));
        }
        return rows;
    }

    private LossBatch batch(List<Reply> part, int gap) {
        List<Response> responses = new ArrayList<>();
        int studentRow = 0;
        int teacherRow = 0;
        for (Reply reply : part) {
            studentRow += gap;
            teacherRow += gap;
            responses.add(response(reply, studentRow, teacherRow));
            studentRow += reply.tokens().length;
            teacherRow += reply.teacherTokens().length;
        }
        Optional<Tensor> states = Optional.empty();
        if (hasHiddenStates) {
            int width = models.teacherHead()[0].length;
            double[][] rows = part.stream()
                    .flatMap(reply -> Arrays.stream(gapped(reply.teacherStates(), gap, width)))
                    .toArray(double[][]::new);
            states = Optional.of(tensor(rows, width));
        }
        return new LossBatch(responses, studentRow, teacherRow, states);
    }

    private Tensor studentRows(List<Reply> part, int gap) {
        int width = models.studentHead()[0].length;
        double[][] rows = part.stream()
                .flatMap(reply -> Arrays.stream(gapped(reply.states(), gap, width)))
                .toArray(double[][]::new);
        return tensor(rows, width);
    }

    private static double[][] gapped(double[][] rows, int gap, int width) {
        double[][] all = Arrays.copyOf(PlainMaths.gaussian(99, gap, width), gap + rows.length);
        System.arraycopy(rows, 0, all, gap, rows.length);
        return all;
    }

    private Response response(Reply reply, int studentRow, int teacherRow) {
        Optional<Response.Scored> score = reply.teacherTokens().length == 0
                ? Optional.empty()
                : Optional.of(new Response.Scored(
                        teacherRow,
                        TokenIds.of(reply.teacherTokens()),
                        Arrays.equals(reply.tokens(), reply.teacherTokens()),
                        new Alignment(
                                List.of(),
                                List.of(),
                                TokenIds.of(),
                                TokenIds.of(),
                                FirstTokens.PLAIN,
                                AlignmentStats.NONE),
                        tensors(reply)));
        return new Response(
                "r",
                studentRow,
                TokenIds.of(reply.tokens()),
                reply.before(),
                reply.isGold(),
                reply.isGold() ? Origin.DATASET : Origin.FILE,
                Floats.of(reply.logProbs()),
                Floats.of(reply.behaviour()),
                reply.staleness(),
                score);
    }

    private Map<String, ScoreTensor> tensors(Reply reply) {
        if (hasHiddenStates) {
            return Map.of();
        }
        Map<String, ScoreTensor> all = new TreeMap<>(topTokens(reply));
        all.put(ScoreTensor.LOG_PROBS, logProbs(reply));
        return all;
    }

    /** The likeliest {@link #TOP} tokens of each row, the likeliest first, and the others' mass. */
    private Map<String, ScoreTensor> topTokens(Reply reply) {
        int rows = reply.teacherTokens().length;
        ByteBuffer ids = bytes(rows * TOP);
        ByteBuffer logProbs = bytes(rows * TOP);
        ByteBuffer rest = bytes(rows);
        for (double[] state : reply.teacherStates()) {
            double[] row = PlainMaths.logSoftmax(PlainMaths.times(models.teacherHead(), state), 1);
            double others = 1;
            for (int id : PlainMaths.likeliest(row, TOP)) {
                ids.putInt(id);
                logProbs.putFloat((float) row[id]);
                others -= Math.exp(row[id]);
            }
            rest.putFloat((float) Math.log(others));
        }
        return Map.of(
                ScoreTensor.TOP_IDS, new ScoreTensor(DataType.I32, rows, TOP, ids.flip()),
                ScoreTensor.TOP_LOG_PROBS, new ScoreTensor(DataType.F32, rows, TOP, logProbs.flip()),
                ScoreTensor.TAIL_LOG_MASS, new ScoreTensor(DataType.F32, rows, 1, rest.flip()));
    }

    private static ByteBuffer bytes(int numbers) {
        return ByteBuffer.allocate(4 * numbers).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ScoreTensor logProbs(Reply reply) {
        int count = reply.teacherTokens().length;
        ByteBuffer bytes = bytes(count);
        for (int t = 0; t < count; t++) {
            double[] logits = PlainMaths.times(models.teacherHead(), reply.teacherStates()[t]);
            bytes.putFloat((float) PlainMaths.logSoftmax(logits, 1)[reply.teacherTokens()[t]]);
        }
        return new ScoreTensor(DataType.F32, count, 1, bytes.flip());
    }

    Tensor tensor(double[][] rows) {
        return tensor(rows, rows[0].length);
    }

    private Tensor tensor(double[][] rows, int width) {
        return KdVector.tensor(scope, type, PlainMaths.flat(rows), rows.length, width);
    }

    @Override
    public void close() {
        scope.close();
        maths.close();
    }
}
