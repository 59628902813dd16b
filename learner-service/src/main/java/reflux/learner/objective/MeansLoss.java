// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import reflux.learner.loss.Term;
import reflux.model.decoder.Parameter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** A loss and weighted means that are added to it, pushed in the same pass. */
final class MeansLoss implements ObjectiveLoss {
    private final ObjectiveLoss base;
    private final List<Weighted> terms;

    /** A mean and what it weighs in the loss. */
    record Weighted(MeanTerm term, double weight) {}

    /** Owns what it is given. */
    MeansLoss(ObjectiveLoss base, List<Weighted> terms) {
        this.base = base;
        this.terms = List.copyOf(terms);
    }

    @Override
    public void beginStep(long step) {
        base.beginStep(step);
    }

    @Override
    public List<Parameter> parameters() {
        return base.parameters();
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        List<MeanTerm.Part> parts =
                terms.stream().map(each -> each.term().prepare(batch)).toList();
        return new Micro(base.prepare(batch), parts);
    }

    private final class Micro implements Prepared {
        private final Prepared prepared;
        private final List<MeanTerm.Part> parts;

        Micro(Prepared prepared, List<MeanTerm.Part> parts) {
            this.prepared = prepared;
            this.parts = parts;
        }

        @Override
        public Tally tally() {
            return IntStream.range(0, parts.size())
                    .mapToObj(i -> Tally.of(count(i), parts.get(i).count()))
                    .reduce(prepared.tally(), Tally::plus);
        }

        @Override
        public Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
            Terms all = prepared.evaluate(student, batch, step);
            for (int i = 0; i < parts.size(); i++) {
                double share = step.share(terms.get(i).weight(), count(i));
                if (share != 0) {
                    double sum = parts.get(i).evaluate(student, batch, share);
                    Term term = new Term(sum, parts.get(i).count());
                    all = all.plus(Terms.of(terms.get(i).term().name(), term, sum * share));
                }
            }
            return all;
        }

        private String count(int term) {
            return terms.get(term).term().name() + ".count";
        }
    }

    @Override
    public List<TensorInfo> infos() {
        return base.infos();
    }

    @Override
    public ByteBuffer bytes(String name) {
        return base.bytes(name);
    }

    @Override
    public void restore(TensorSource source) {
        base.restore(source);
    }

    @Override
    public void close() {
        terms.forEach(each -> each.term().close());
        base.close();
    }
}
