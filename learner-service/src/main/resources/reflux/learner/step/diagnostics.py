# SPDX-License-Identifier: Apache-2.0
# KL of teacher and student, both ways, over the shared tokens [K] and one bucket for all others; sums in f64.
  def shared_kl(self, studentLogits: Tensor, teacherLogits: Tensor, sharedStudent: Tensor, sharedTeacher: Tensor) -> Tuple[Tensor, Tensor]:
    student = self.buckets(studentLogits, sharedStudent)
    teacher = self.buckets(teacherLogits, sharedTeacher)
    ratio = teacher - student
    forward = torch.sum(self.weighted(torch.exp(teacher), ratio).to(7))
    reverse = torch.sum(self.weighted(torch.exp(student), torch.neg(ratio)).to(7))
    return (forward, reverse)
  def weighted(self, probs: Tensor, values: Tensor) -> Tensor:
    return torch.where(torch.gt(probs, 0), probs * values, torch.zeros_like(probs))
# Log-probabilities of the shared tokens and of the rest; the rest is at least e^-16, so that an empty one costs a finite amount.
  def buckets(self, logits: Tensor, shared: Tensor) -> Tensor:
    logProbs = torch.log_softmax(logits, -1)
    others = torch.index_fill(logProbs, 1, shared, -float("inf"))
    rest = torch.clamp(torch.logsumexp(others, [1], True), -16., None)
    return torch.cat([torch.index_select(logProbs, 1, shared), rest], 1)
