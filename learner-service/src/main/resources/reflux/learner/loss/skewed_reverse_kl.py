# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; parameter is lambda, 0 <= lambda < 1.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    q = torch.exp(student)
    ratio = student - self.mixture(student, teacher, parameter)
    value = self.mean(q, ratio)
    return (value, self.softmax_gradient(q, ratio - torch.exp(ratio) * parameter))
