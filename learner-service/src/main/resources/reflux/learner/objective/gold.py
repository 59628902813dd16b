# SPDX-License-Identifier: Apache-2.0
# Cross-entropy of logits [C, V] with ids [C], smoothed: its sum in f64, and weight times its gradient [C, V].
  def cross_entropy(self, logits: Tensor, ids: Tensor, smoothing: float, weight: float) -> Tuple[Tensor, Tensor]:
    logProbs = torch.log_softmax(logits, -1)
    column = torch.unsqueeze(ids, 1)
    gold = torch.gather(logProbs, 1, column)
    total = torch.neg(torch.sum(gold.to(7))) * (1. - smoothing)
    gradient = torch.scatter_add(torch.exp(logProbs), 1, column, torch.full_like(gold, smoothing - 1.))
    if smoothing > 0.:
      total = total - torch.sum(torch.mean(logProbs.to(7), [1])) * smoothing
      gradient = gradient - smoothing / logits.size(1)
    return (total, gradient * weight)
