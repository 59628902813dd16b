# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; parameter is alpha, 0 < alpha < 1.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    p = torch.exp(teacher)
    q = torch.exp(student)
    ratio = student - teacher
    forward = self.mean(p, torch.neg(ratio))
    reverse = self.mean(q, ratio)
    gaps = self.gaps(q, p, parameter)
    whole = torch.sum(gaps, [1])
    half = torch.full_like(whole, 0.5)
    share = torch.where(torch.eq(whole, 0), half, torch.select(gaps, 1, 0) / whole)
    column = torch.unsqueeze(share, 1)
    gradient = (q - p) * column + self.weighted(q, ratio - torch.unsqueeze(reverse, 1)) * (1. - column)
    return (forward * share + reverse * (1. - share), gradient)
# [N, 2]: sum of |p - q| over the head and over the tail, which is what holds at most alpha of p from its small end; equal p in order of id.
  def gaps(self, q: Tensor, p: Tensor, alpha: float) -> Tensor:
    ascending, order = torch.sort(p, stable=True, dim=1, descending=False)
    inTail = torch.le(torch.cumsum(ascending, 1, dtype=7), alpha)
    gap = torch.abs(ascending - torch.gather(q, 1, order))
    tail = torch.sum(torch.where(inTail, gap, torch.zeros_like(gap)), [1])
    head = torch.sum(torch.where(inTail, torch.zeros_like(gap), gap), [1])
    return torch.stack([head, tail], 1)
