# SPDX-License-Identifier: Apache-2.0
# Log-probabilities [N, V] -> value [N], gradient for the student's logits [N, V].
  def divergence(self, student: Tensor, teacher: Tensor, parameter: float) -> Tuple[Tensor, Tensor]:
    top = torch.argmax(teacher, 1, True)
    weight = torch.exp(torch.gather(teacher, 1, top))
    value = torch.neg(weight * torch.gather(student, 1, top))
    gradient = torch.scatter_add(torch.exp(student) * weight, 1, top, torch.neg(weight))
    return (torch.squeeze(value, 1), gradient)
