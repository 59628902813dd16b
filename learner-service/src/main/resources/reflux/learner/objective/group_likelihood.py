# SPDX-License-Identifier: Apache-2.0
# G groups; a side is [its rows' logits [n, V], realised ids [n], each row's group [n]].
# exp of the odds against each realised token [n, 1]: accurate where its probability is all but 1.
  def odds_against(self, logits: Tensor, column: Tensor) -> Tensor:
    others = torch.logsumexp(torch.scatter(logits, 1, column, torch.full_like(column, -float("inf"), dtype=logits.dtype)), [1], True)
    return torch.exp(others - torch.gather(logits, 1, column))
# ln of the probability of each group's realised tokens [G], f64.
  def group_log_probs(self, odds: Tensor, group: Tensor, groups: int) -> Tensor:
    logs = torch.neg(torch.log1p(torch.squeeze(odds, 1).to(7)))
    return torch.index_add(torch.zeros([groups], dtype=7, device=odds.device), 0, group, logs)
# Binary KL [G] of (P, 1 - P) and (Q, 1 - Q) in f64, and its slope for ln Q.
  def binary_kl(self, logP: Tensor, logQ: Tensor) -> Tuple[Tensor, Tensor]:
    notP = torch.neg(torch.expm1(logP))
    notQ = torch.clamp(torch.neg(torch.expm1(logQ)), 1e-45, None)
    rest = notP * (torch.log(torch.clamp(notP, 1e-45, None)) - torch.log(notQ))
    return (torch.exp(logP) * (logP - logQ) + rest, notP / notQ - 1.)
# Sum in f64 and weight times the gradient for the student's logits [n, V]; temperature 1.
  def likelihood(self, student: List[Tensor], teacher: List[Tensor], groups: int, weight: float) -> Tuple[Tensor, Tensor]:
    column = torch.unsqueeze(student[1], 1)
    odds = self.odds_against(student[0], column)
    logQ = self.group_log_probs(odds, student[2], groups)
    logP = self.group_log_probs(self.odds_against(teacher[0], torch.unsqueeze(teacher[1], 1)), teacher[2], groups)
    values, slopes = self.binary_kl(logP, logQ)
    pull = torch.type_as(torch.unsqueeze(torch.index_select(slopes, 0, student[2]), 1), odds) * weight
    gradient = torch.neg(torch.softmax(student[0], -1)) * pull
    gradient = torch.scatter(gradient, 1, column, pull * (odds / (odds + 1.)))
    return (torch.sum(values), gradient)
