# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; parameter is beta, 0 < beta < 1.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    q = torch.exp(student)
    mixture = self.mixture(teacher, student, parameter)
    ratio = student - mixture
    reverse = torch.sum(self.weighted(q, ratio), [1])
    forward = torch.sum(self.weighted(torch.exp(teacher), teacher - mixture), [1])
    gradient = self.softmax_gradient(q, ratio) * (1. - parameter)
    return (forward * parameter + reverse * (1. - parameter), gradient)
