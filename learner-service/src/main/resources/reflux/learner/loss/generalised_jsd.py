# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; parameter is beta, 0 < beta < 1.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    q = torch.exp(student)
    mixture = self.mixture(teacher, student, parameter)
    ratio = student - mixture
    reverse = self.mean(q, ratio)
    forward = self.mean(torch.exp(teacher), teacher - mixture)
    gradient = self.softmax_gradient(q, ratio) * (1. - parameter)
    return (forward * parameter + reverse * (1. - parameter), gradient)
