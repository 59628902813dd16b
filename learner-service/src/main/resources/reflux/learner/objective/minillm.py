# SPDX-License-Identifier: Apache-2.0
# C rows of a chunk: logits of the student [C, V] and of the teacher [C, W]; heads of one vocabulary may be padded differently.
# ln of the probability of each row's token [C] among the first tokens, at most limit of them; in f64 (dtype 7).
  def log_prob(self, logits: Tensor, ids: Tensor, limit: int) -> Tensor:
    logProbs = torch.log_softmax(torch.narrow(logits, 1, 0, min(limit, logits.size(1))), -1)
    return torch.squeeze(torch.gather(logProbs, 1, torch.unsqueeze(ids, 1)), 1).to(7)
# The gradient [C, V] of the sum over rows of slope times ln q(token).
  def log_prob_gradient(self, logits: Tensor, ids: Tensor, slopes: Tensor) -> Tensor:
    column = torch.unsqueeze(torch.type_as(slopes, logits), 1)
    gradient = torch.neg(torch.softmax(logits, -1)) * column
    return torch.scatter_add(gradient, 1, torch.unsqueeze(ids, 1), column)
# The single-step term: KL of student and teacher over the tokens that both heads have, exactly. The sum over rows, in f64; adds
# weight times its gradient to the gradient [C, V].
  def single_step(self, student: Tensor, teacher: Tensor, temperature: float, weight: float, gradient: Tensor) -> Tensor:
    width = min(student.size(1), teacher.size(1))
    value, own = self.compare(torch.narrow(student, 1, 0, width), torch.narrow(teacher, 1, 0, width), temperature, 0.)
    torch.narrow(gradient, 1, 0, width).add_(own * weight)
    return torch.sum(value.to(7))
