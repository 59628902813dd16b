# SPDX-License-Identifier: Apache-2.0
# C student rows, R teacher rows; k of the student's rows share a table of n entries. logProbs [R, W], target [C, V], mass [C].
  def log_probs(self, logits: Tensor, temperature: float) -> Tensor:
    return torch.log_softmax(logits / temperature, -1)
  def spread(self, target: Tensor, rows: Tensor, studentIds: Tensor, probs: Tensor) -> int:
    added = torch.zeros([rows.size(0), target.size(1)], dtype=target.dtype, device=target.device)
    torch.index_add_(target, 0, rows, torch.index_add(added, 1, studentIds, probs))
    return 0
# The first step of rows: mass on the listed tokens alone. passedOn [k] are places in the list whose mass is kept back in
# mass (as ln), or empty.
  def begin(self, target: Tensor, mass: Tensor, logProbs: Tensor, rows: Tensor, teacherRows: Tensor, teacherIds: Tensor, studentIds: Tensor, passedOn: Tensor) -> int:
    if teacherIds.size(0) == 0:
      return 0
    listed = torch.index_select(torch.index_select(logProbs, 0, teacherRows), 1, teacherIds)
    listed = listed - torch.logsumexp(listed, [1], True)
    if passedOn.size(0) > 0:
      column = torch.unsqueeze(passedOn, 1)
      torch.index_copy_(mass, 0, rows, torch.squeeze(torch.gather(listed, 1, column), 1))
      listed = torch.scatter(listed, 1, column, torch.full_like(column, -float("inf"), dtype=listed.dtype))
    return self.spread(target, rows, studentIds, torch.exp(listed))
# A later step: the mass kept back is divided by the teacher's next distribution. What is not listed and not left out goes to
# others, if that is an id. passedOn [k] are ids of the teacher, or empty.
  def go_on(self, target: Tensor, mass: Tensor, logProbs: Tensor, rows: Tensor, teacherRows: Tensor, teacherIds: Tensor, studentIds: Tensor, passedOn: Tensor, leftOut: Tensor, others: int) -> int:
    logs = torch.index_select(logProbs, 0, teacherRows) + torch.unsqueeze(torch.index_select(mass, 0, rows), 1)
    if passedOn.size(0) > 0:
      column = torch.unsqueeze(passedOn, 1)
      torch.index_copy_(mass, 0, rows, torch.squeeze(torch.gather(logs, 1, column), 1))
      logs = torch.scatter(logs, 1, column, torch.full_like(column, -float("inf"), dtype=logs.dtype))
    probs = torch.index_fill(torch.exp(logs), 1, leftOut, 0.)
    self.spread(target, rows, studentIds, torch.index_select(probs, 1, teacherIds))
    if others >= 0:
      rest = torch.sum(torch.index_fill(probs, 1, teacherIds, 0.), [1])
      torch.index_put_(target, [rows, torch.full_like(rows, others)], rest, True)
    return 0
# Forward KL from the target, made to sum to 1, at a temperature: the sum in f64 and weight times the gradient [C, V]. A row
# without a target counts 0.
  def prefix_kl(self, target: Tensor, student: Tensor, temperature: float, weight: float) -> Tuple[Tensor, Tensor]:
    total = torch.sum(target, [1], True)
    p = torch.where(torch.gt(total, 0.), target / total, torch.zeros_like(target))
    logQ = torch.log_softmax(student / temperature, -1)
    values = torch.where(torch.gt(p, 0.), p * (torch.log(p) - logQ), torch.zeros_like(p))
    gradient = torch.where(torch.gt(total, 0.), torch.exp(logQ) - p, torch.zeros_like(p))
    return (torch.sum(values.to(7)), gradient * (weight / temperature))
