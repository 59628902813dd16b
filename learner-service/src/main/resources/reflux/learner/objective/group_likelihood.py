# SPDX-License-Identifier: Apache-2.0
# G groups; a side is [its rows' logits [n, V], realised ids [n], each row's group [n], each group's last row [G]].
# The logits without the realised ones [n, V].
  def others(self, side: List[Tensor]) -> Tensor:
    column = torch.unsqueeze(side[1], 1)
    return torch.scatter(side[0], 1, column, torch.full_like(column, -float("inf"), dtype=side[0].dtype))
# ln of the odds against each realised token [n], f64: 1 - p keeps its digits where p is all but 1.
  def log_odds(self, side: List[Tensor], others: Tensor) -> Tensor:
    own = torch.squeeze(torch.gather(side[0], 1, torch.unsqueeze(side[1], 1)), 1)
    return (torch.logsumexp(others, [1]) - own).to(7)
# ln of the probability of each group's realised tokens [G], f64.
  def group_log_probs(self, odds: Tensor, group: Tensor, groups: int) -> Tensor:
    logs = torch.neg(torch.logaddexp(odds, torch.zeros_like(odds)))
    return torch.index_add(torch.zeros([groups], dtype=7, device=odds.device), 0, group, logs)
# Binary KL [G] of (P, 1 - P) and (Q, 1 - Q) in f64, and its slope for ln Q.
  def binary_kl(self, logP: Tensor, logQ: Tensor) -> Tuple[Tensor, Tensor]:
    notP = torch.neg(torch.expm1(logP))
    notQ = torch.clamp(torch.neg(torch.expm1(logQ)), 1e-300, None)
    rest = notP * (torch.log(torch.clamp(notP, 1e-300, None)) - torch.log(notQ))
    return (torch.exp(logP) * (logP - logQ) + rest, notP / notQ - 1.)
# Sum in f64 and weight times the gradient for the student's logits [n, V]; temperature 1. A row is pulled by slope (1 - q),
# which is taken from the other tokens in proportion.
  def likelihood(self, student: List[Tensor], teacher: List[Tensor], groups: int, weight: float) -> Tuple[Tensor, Tensor]:
    others = self.others(student)
    odds = self.log_odds(student, others)
    logQ = self.group_log_probs(odds, student[2], groups)
    logP = self.group_log_probs(self.log_odds(teacher, self.others(teacher)), teacher[2], groups)
    values, slopes = self.binary_kl(logP, logQ)
    pull = torch.index_select(slopes, 0, student[2]) * torch.sigmoid(odds) * weight
    pull = torch.unsqueeze(torch.type_as(pull, others), 1)
    gradient = torch.neg(torch.softmax(others, -1)) * pull
    return (torch.sum(values), torch.scatter(gradient, 1, torch.unsqueeze(student[1], 1), pull))
