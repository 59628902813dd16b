# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V].
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    q = torch.exp(student)
    ratio = student - teacher
    value = self.mean(q, ratio)
    return (value, self.weighted(q, ratio - torch.unsqueeze(value, 1)))
