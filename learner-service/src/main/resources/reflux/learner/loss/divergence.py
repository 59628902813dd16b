# SPDX-License-Identifier: Apache-2.0
# A divergence from logits: sum of the rows' values [N] and their gradient for the student's logits [N, V].
  def compare(self, student: Tensor, teacher: Tensor, temperature: float, parameter: float) -> Tuple[Tensor, Tensor]:
    value, gradient = self.divergence(self.log_probs(student, temperature), self.log_probs(teacher, temperature), parameter)
    if temperature != 1.:
      gradient = gradient / temperature
    return (value, gradient)
# Cross-entropy [N] with the gold ids [N] and its gradient [N, V]; no temperature.
  def cross_entropy(self, logits: Tensor, ids: Tensor) -> Tuple[Tensor, Tensor]:
    logProbs = torch.log_softmax(logits, -1)
    column = torch.unsqueeze(ids, 1)
    gold = torch.gather(logProbs, 1, column)
    gradient = torch.exp(logProbs).scatter_add_(1, column, torch.full_like(gold, -1.))
    return (torch.squeeze(torch.neg(gold), 1), gradient)
