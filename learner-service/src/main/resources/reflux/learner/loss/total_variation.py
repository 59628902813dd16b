# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; slope 0 where both agree.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    q = torch.exp(student)
    gap = q - torch.exp(teacher)
    value = torch.sum(torch.abs(gap), [1]) * 0.5
    return (value, self.softmax_gradient(q, torch.sign(gap) * 0.5))
