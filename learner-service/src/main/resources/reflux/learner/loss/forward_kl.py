# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V].
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    p = torch.exp(teacher)
    value = self.mean(p, teacher - student)
    return (value, torch.exp(student).sub_(p))
