# SPDX-License-Identifier: Apache-2.0
# Rows [C, V] of the student's logits, and [C, W] of the teacher's; ids [C] realised there. All sums and results in f64.
# [2, C]: log-probability of the realised token, and entropy.
  def rows(self, logits: Tensor, ids: Tensor) -> Tensor:
    logProbs = torch.log_softmax(logits, -1)
    realised = torch.squeeze(torch.gather(logProbs, 1, torch.unsqueeze(ids, 1)), 1)
    return torch.stack([realised.to(7), self.entropy(logProbs)])
# [7, C] of paired rows: what rows gives of the student, the same of the teacher, both KLs over the shared tokens and one
# bucket for all others, and 1 where both predict the same token (studentIds: the student's of each of the teacher's).
  def pairs(self, student: Tensor, teacher: Tensor, studentIds: Tensor, sharedStudent: Tensor, sharedTeacher: Tensor, ids: Tensor, teacherIds: Tensor) -> Tensor:
    own = self.rows(student, ids)
    theirs = self.rows(teacher, teacherIds)
    q = self.buckets(student, sharedStudent)
    p = self.buckets(teacher, sharedTeacher)
    ratio = p - q
    forward = torch.sum(self.weighted(torch.exp(p), ratio).to(7), [1])
    reverse = torch.sum(self.weighted(torch.exp(q), torch.neg(ratio)).to(7), [1])
    predicted = torch.index_select(studentIds, 0, torch.argmax(teacher, -1))
    agreed = torch.eq(predicted, torch.argmax(student, -1)).to(7)
    return torch.cat([own, theirs, torch.stack([forward, reverse, agreed])], 0)
  def entropy(self, logProbs: Tensor) -> Tensor:
    return torch.neg(torch.sum(self.weighted(torch.exp(logProbs), logProbs).to(7), [1]))
  def weighted(self, probs: Tensor, values: Tensor) -> Tensor:
    return torch.where(torch.gt(probs, 0), probs * values, torch.zeros_like(probs))
# Log-probabilities of the shared tokens and of the rest; the rest is at least e^-16, so that an empty one costs a finite amount.
  def buckets(self, logits: Tensor, shared: Tensor) -> Tensor:
    logProbs = torch.log_softmax(logits, -1)
    rest = torch.full([logits.size(0), 1], -16., dtype=logProbs.dtype, device=logProbs.device)
    if shared.size(0) < logits.size(1):
      others = torch.index_fill(logProbs, 1, shared, -float("inf"))
      rest = torch.clamp(torch.logsumexp(others, [1], True), -16., None)
    return torch.cat([torch.index_select(logProbs, 1, shared), rest], 1)
# Sum of squares, in f64.
  def squares(self, values: Tensor) -> Tensor:
    return torch.sum(torch.square(values.to(7)))
