# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; parameter is lambda, 0 <= lambda < 1.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    mixture = self.mixture(teacher, student, parameter)
    value = self.mean(torch.exp(teacher), teacher - mixture)
    return (value, self.skewed_gradient(student, teacher, mixture, parameter))
