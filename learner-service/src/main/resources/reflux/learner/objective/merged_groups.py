# SPDX-License-Identifier: Apache-2.0
# G groups; a side is [its rows' probabilities [n, V], realised ids [n], each row's group [n], each group's last row [G]].
# ln of the product of the realised tokens' probabilities but the last one's [G], each at least 1e-8.
  def scale(self, side: List[Tensor]) -> Tensor:
    own = torch.squeeze(torch.gather(side[0], 1, torch.unsqueeze(side[1], 1)), 1)
    logs = torch.index_fill(torch.log(torch.clamp(own, 1e-8, None)), 0, side[3], 0.)
    return torch.index_add(torch.zeros([side[3].size(0)], dtype=logs.dtype, device=logs.device), 0, side[2], logs)
# A group's distribution over its last token times the probability of those before: [G, V], sums below 1.
  def merged(self, side: List[Tensor]) -> Tensor:
    return torch.index_select(side[0], 0, side[3]) * torch.unsqueeze(torch.exp(self.scale(side)), 1)
# The generalised JSD of positive numbers that need not sum to 1, each at least 1e-8: values [G] and slopes for q.
  def partial_jsd(self, q: Tensor, p: Tensor, beta: float) -> Tuple[Tensor, Tensor]:
    s = torch.log(torch.clamp(q, 1e-8, None))
    t = torch.log(torch.clamp(p, 1e-8, None))
    if beta == 0.:
      values = torch.exp(t) * (t - s)
      slopes = torch.neg(torch.exp(t - s))
    elif beta == 1.:
      values = torch.exp(s) * (s - t)
      slopes = s - t + 1.
    else:
      m = torch.logaddexp(t + torch.log(beta), s + torch.log1p(-beta))
      values = torch.exp(t) * (t - m) * beta + torch.exp(s) * (s - m) * (1. - beta)
      slopes = (s - m) * (1. - beta)
    return (torch.sum(values, [1]), torch.where(torch.gt(q, 1e-8), slopes, torch.zeros_like(slopes)))
# [2, G] the distance over matched and over other tokens, and slopes for q [G, V] of their weighted sum.
#   columns matched ids of the student and of the teacher, other ids of the student and of the teacher
  def hybrid(self, q: Tensor, p: Tensor, columns: List[Tensor], beta: float, matched: float, other: float) -> Tuple[Tensor, Tensor]:
    jsd, jsdSlopes = self.partial_jsd(torch.index_select(q, 1, columns[0]), torch.index_select(p, 1, columns[1]), beta)
    rest, restSlopes = self.sorted_distance(torch.index_select(q, 1, columns[2]), torch.index_select(p, 1, columns[3]))
    slopes = torch.index_copy(torch.zeros_like(q), 1, columns[0], jsdSlopes * matched)
    slopes = torch.index_copy(slopes, 1, columns[2], restSlopes * other)
    return (torch.stack([jsd * matched, rest * other]), slopes)
# From slopes for the merged numbers to the gradient for the rows' logits over temperature [n, V].
  def unmerge(self, side: List[Tensor], merged: Tensor, slopes: Tensor) -> Tensor:
    total = torch.sum(merged * slopes, [1])
    own = torch.gather(side[0], 1, torch.unsqueeze(side[1], 1))
    counted = torch.index_fill(torch.type_as(torch.gt(torch.squeeze(own, 1), 1e-8), own), 0, side[3], 0.)
    pull = torch.unsqueeze(torch.index_select(total, 0, side[2]) * counted, 1)
    gradient = torch.scatter_add(torch.neg(side[0] * pull), 1, torch.unsqueeze(side[1], 1), pull)
    last = merged * slopes - torch.index_select(side[0], 0, side[3]) * torch.unsqueeze(total, 1)
    return torch.index_add(gradient, 0, side[3], last)
# Sum in f64 and weight times the gradient [n, V]; sides with logits.
  def gold_groups(self, student: List[Tensor], teacher: List[Tensor], columns: List[Tensor], temperature: float, beta: float, matched: float, other: float, isHybrid: bool, weight: float) -> Tuple[Tensor, Tensor]:
    q = [torch.softmax(student[0] / temperature, -1), student[1], student[2], student[3]]
    p = [torch.softmax(teacher[0] / temperature, -1), teacher[1], teacher[2], teacher[3]]
    mergedQ = self.merged(q)
    mergedP = self.merged(p)
    if isHybrid:
      values, slopes = self.hybrid(mergedQ, mergedP, columns, beta, matched, other)
    else:
      values, slopes = self.sorted_distance(mergedQ, mergedP)
    return (torch.sum(values.to(7)), self.unmerge(q, mergedQ, slopes) * (weight / temperature))
