# SPDX-License-Identifier: Apache-2.0
# C rows of a chunk. Values are sums in f64 (dtype 7); gradients are of those sums, times weight.
# In the student's vocabulary: the crossed teacher [C, d] learns the student's tokens (t2s_ce), the student follows it (t2s_kd).
# Returns [3] t2s_ce, t2s_kd and the rows where the crossed teacher predicts the token; gradients of the crossed rows [C, d] by
# t2s_ce and of the student's logits [C, V] by t2s_kd.
  def student_space(self, logits: Tensor, crossed: Tensor, ids: Tensor, head: Tensor, onlyCorrect: bool, temperature: float, parameter: float, weight: float) -> Tuple[Tensor, Tensor, Tensor]:
    projected = torch.linear(crossed, head)
    ce, ceGradient = self.cross_entropy(projected, ids)
    correct = torch.eq(torch.argmax(projected, -1), ids)
    compared = correct
    if not onlyCorrect:
      compared = torch.ones_like(correct)
    kd, kdGradient = self.compare(logits, projected, temperature, parameter)
    kd = torch.where(compared, kd, torch.zeros_like(kd))
    kdGradient = torch.where(torch.unsqueeze(compared, 1), kdGradient, torch.zeros_like(kdGradient))
    sums = torch.stack([torch.sum(ce.to(7)), torch.sum(kd.to(7)), torch.sum(correct.to(7))])
    return (sums, torch.mm(ceGradient * weight, head), kdGradient * weight)
# In the teacher's vocabulary: the crossed student [C, D] follows the teacher by forward KL. The sum, and the gradient [C, D].
  def teacher_space(self, crossed: Tensor, logits: Tensor, head: Tensor, temperature: float, weight: float) -> Tuple[Tensor, Tensor]:
    student = self.log_probs(torch.linear(crossed, head), temperature)
    teacher = self.log_probs(logits, temperature)
    p = torch.exp(teacher)
    value = torch.sum(self.weighted(p, teacher - student).to(7))
    gradient = (torch.exp(student) - p) * (weight / temperature)
    return (value, torch.mm(gradient, head))
