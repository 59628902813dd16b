# SPDX-License-Identifier: Apache-2.0
# Rows [C, V] of the student's logits, and [C, W] of the teacher's; ids [C] realised there. Results in f64.
# [2, C]: log-probability of the realised token, and entropy.
  def rows(self, logits: Tensor, ids: Tensor) -> Tensor:
    found = annotate(List[Tensor], [])
    block = self.block(logits)
    for start in range(0, logits.size(0), block):
      size = min(block, logits.size(0) - start)
      logProbs = torch.log_softmax(torch.narrow(logits, 0, start, size), -1)
      found += [self.alone(logProbs, torch.narrow(ids, 0, start, size))]
    return torch.cat(found, 1)
  def alone(self, logProbs: Tensor, ids: Tensor) -> Tensor:
    realised = torch.squeeze(torch.gather(logProbs, 1, torch.unsqueeze(ids, 1)), 1)
    return torch.stack([realised.to(7), torch.neg(self.mean(torch.exp(logProbs), logProbs).to(7))])
# [7, C] of paired rows: what rows gives of the student, the same of the teacher, both KLs over the shared tokens and one
# bucket for all others, and 1 where both predict the same token (studentIds: the student's of each of the teacher's).
  def pairs(self, student: Tensor, teacher: Tensor, studentIds: Tensor, sharedStudent: Tensor, sharedTeacher: Tensor, ids: Tensor, teacherIds: Tensor) -> Tensor:
    found = annotate(List[Tensor], [])
    block = self.block(student)
    for start in range(0, student.size(0), block):
      size = min(block, student.size(0) - start)
      q = torch.log_softmax(torch.narrow(student, 0, start, size), -1)
      p = torch.log_softmax(torch.narrow(teacher, 0, start, size), -1)
      own = self.alone(q, torch.narrow(ids, 0, start, size))
      theirs = self.alone(p, torch.narrow(teacherIds, 0, start, size))
      agreed = torch.eq(torch.index_select(studentIds, 0, self.top(p)), self.top(q)).to(7)
      divergences = self.divergences(self.buckets(q, sharedStudent), self.buckets(p, sharedTeacher))
      found += [torch.cat([own, theirs, divergences, torch.unsqueeze(agreed, 0)], 0)]
    return torch.cat(found, 1)
# [2, C]: KL(p | q) and KL(q | p).
  def divergences(self, q: Tensor, p: Tensor) -> Tensor:
    ratio = p - q
    return torch.stack([self.mean(torch.exp(p), ratio), torch.neg(self.mean(torch.exp(q), ratio))]).to(7)
# Log-probabilities of the shared tokens and of the rest; the rest is at least e^-16, so that an empty one costs a finite amount.
  def buckets(self, logProbs: Tensor, shared: Tensor) -> Tensor:
    rest = torch.full([logProbs.size(0), 1], -16., dtype=logProbs.dtype, device=logProbs.device)
    if shared.size(0) < logProbs.size(1):
      others = torch.index_fill(logProbs, 1, shared, -float("inf"))
      rest = torch.clamp(torch.logsumexp(others, [1], True), -16., None)
    return torch.cat([torch.index_select(logProbs, 1, shared), rest], 1)
# Sum of squares, in f64.
  def squares(self, values: Tensor) -> Tensor:
    return torch.sum(torch.square(values.to(7)))
