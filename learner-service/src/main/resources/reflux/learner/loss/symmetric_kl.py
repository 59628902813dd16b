# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V].
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    p = torch.exp(teacher)
    q = torch.exp(student)
    ratio = student - teacher
    forward = self.mean(p, torch.neg(ratio))
    reverse = self.mean(q, ratio)
    gradient = q - p + self.weighted(q, ratio - torch.unsqueeze(reverse, 1))
    return ((forward + reverse) * 0.5, gradient * 0.5)
