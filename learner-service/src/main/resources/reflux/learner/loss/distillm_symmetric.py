# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V]; parameter is lambda.
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    p = torch.exp(teacher)
    q = torch.exp(student)
    ratio = student - teacher
    soft = self.mean(p, torch.neg(student))
    reverse = self.mean(q, ratio)
    gradient = (q - p) * (1. - parameter) + self.weighted(q, ratio - torch.unsqueeze(reverse, 1)) * parameter
    return (soft * (1. - parameter) + reverse * parameter, gradient)
