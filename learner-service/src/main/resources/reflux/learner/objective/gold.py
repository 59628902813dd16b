# SPDX-License-Identifier: Apache-2.0
# Cross-entropy of logits [C, V] with ids [C], smoothed: its sum in f64, and weight times its gradient [C, V].
  def cross_entropy(self, logits: Tensor, ids: Tensor, smoothing: float, weight: float) -> Tuple[Tensor, Tensor]:
    logProbs = torch.log_softmax(logits, -1)
    column = torch.unsqueeze(ids, 1)
    gold = torch.gather(logProbs, 1, column)
    # what every token gets, the gold one too
    each = smoothing / max(1, logits.size(1) - 1)
    rest = 1. - each * logits.size(1)
    total = torch.neg(torch.sum(gold.to(7))) * rest
    gradient = torch.scatter_add(torch.exp(logProbs), 1, column, torch.full_like(gold, -rest))
    if smoothing > 0.:
      total = total - torch.sum(logProbs.to(7)) * each
      gradient = gradient - each
    return (total, gradient * weight)
