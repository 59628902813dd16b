# SPDX-License-Identifier: Apache-2.0
# A divergence of logits [N, V] and [N, W] on the ids that both heads have, or on chosen ones of them.
# Returns values [N] and gradients [N, V]. ids [N, K] are -1 where a row has fewer.
  def compare_all(self, parameter: float, temperature: float, student: Tensor, teacher: Tensor) -> Tuple[Tensor, Tensor]:
    width = min(student.size(1), teacher.size(1))
    value, gradient = self.compare(torch.narrow(student, 1, 0, width), torch.narrow(teacher, 1, 0, width), temperature, parameter)
    return (value, self.widened(gradient, student))
  def compare_top_k(self, parameter: float, temperature: float, student: Tensor, teacher: Tensor, count: int, byStudent: bool, inBucket: bool) -> Tuple[Tensor, Tensor]:
    width = min(student.size(1), teacher.size(1))
    teacherLogits = torch.narrow(teacher, 1, 0, width)
    if byStudent:
      ids = self.top_k(torch.narrow(student, 1, 0, width), min(count, width))
    else:
      ids = self.top_k(teacherLogits, min(count, width))
    return self.compare_chosen(parameter, temperature, student, self.log_probs(teacherLogits, temperature), ids, inBucket)
  def compare_top_p(self, parameter: float, temperature: float, student: Tensor, teacher: Tensor, mass: float, inBucket: bool) -> Tuple[Tensor, Tensor]:
    width = min(student.size(1), teacher.size(1))
    logProbs = self.log_probs(torch.narrow(teacher, 1, 0, width), temperature)
    return self.compare_chosen(parameter, temperature, student, logProbs, self.top_p(logProbs, mass), inBucket)
  def compare_chosen(self, parameter: float, temperature: float, student: Tensor, teacher: Tensor, ids: Tensor, inBucket: bool) -> Tuple[Tensor, Tensor]:
    column = self.column(ids)
    rest = torch.logsumexp(torch.scatter(teacher, 1, column, -float("inf")), [1], True)
    return self.compare_listed(parameter, temperature, student, ids, torch.gather(teacher, 1, column), rest, teacher.size(1), inBucket)
# From a teacher's log-probabilities at temperature 1.
  def compare_top_tokens(self, parameter: float, temperature: float, student: Tensor, ids: Tensor, teacher: Tensor, teacherRest: Tensor, inBucket: bool) -> Tuple[Tensor, Tensor]:
    return self.compare_listed(parameter, temperature, student, ids, teacher / temperature, teacherRest, student.size(1), inBucket)
# From the teacher's log-probabilities of the listed ids [N, K], at the temperature but for a constant of the row, and of all
# others together [N, 1]: in a bucket of all others, or as if there were no others.
  def compare_listed(self, parameter: float, temperature: float, student: Tensor, ids: Tensor, teacher: Tensor, teacherRest: Tensor, width: int, inBucket: bool) -> Tuple[Tensor, Tensor]:
    logProbs = self.log_probs(torch.narrow(student, 1, 0, width), temperature)
    column = self.column(ids)
    isListed = torch.ge(ids, 0)
    own = self.only(isListed, torch.gather(logProbs, 1, column))
    listed = self.only(isListed, torch.type_as(teacher, logProbs))
    if inBucket:
      others = torch.scatter(logProbs, 1, column, -float("inf"))
      rest = torch.logsumexp(others, [1], True)
      value, slopes = self.divergence(torch.cat([own, rest], 1), torch.cat([listed, torch.type_as(teacherRest, logProbs)], 1), parameter)
      shares = torch.where(torch.eq(others, -float("inf")), torch.zeros_like(others), torch.exp(others - rest))
      gradient = shares * torch.narrow(slopes, 1, ids.size(1), 1)
      slope = torch.narrow(slopes, 1, 0, ids.size(1))
    else:
      value, slope = self.divergence(torch.log_softmax(own, -1), torch.log_softmax(listed, -1), parameter)
      gradient = torch.zeros_like(logProbs)
    return (value, self.widened(torch.scatter_add(gradient, 1, column, slope) / temperature, student))
# Ids of the largest of each row, ascending; of equal ones the lowest.
  def top_k(self, logits: Tensor, count: int) -> Tensor:
    known = torch.where(torch.isnan(logits), torch.zeros_like(logits), logits)
    values, _ = torch.topk(known, count, 1)
    least = torch.amin(values, [1], True)
    above = torch.gt(known, least)
    equal = torch.eq(known, least)
    room = torch.neg(torch.sum(above, [1], True)) + count
    taken = torch.logical_or(above, torch.logical_and(equal, torch.le(torch.cumsum(equal, 1), room)))
    return torch.reshape(torch.select(torch.nonzero(taken), 1, 1), [logits.size(0), count])
# Ids of the fewest likeliest that hold at least that mass together, of equal ones the lowest first.
  def top_p(self, logProbs: Tensor, mass: float) -> Tensor:
    descending, ids = torch.sort(logProbs, stable=True, dim=1, descending=True)
    probs = torch.exp(descending.to(7))
    isOut = torch.ge(torch.cumsum(probs, 1) - probs, mass)
    widest = int(torch.amax(torch.sum(torch.logical_not(isOut), [1])))
    none = torch.full_like(ids, -1)
    return torch.narrow(torch.where(isOut, none, ids), 1, 0, widest)
  def column(self, ids: Tensor) -> Tensor:
    return torch.where(torch.ge(ids, 0), ids, torch.narrow(ids, 1, 0, 1))
  def only(self, isListed: Tensor, logProbs: Tensor) -> Tensor:
    return torch.where(isListed, logProbs, torch.full_like(logProbs, -float("inf")))
  def widened(self, gradient: Tensor, student: Tensor) -> Tensor:
    return torch.constant_pad_nd(gradient, [0, student.size(1) - gradient.size(1)], 0.)
  def scaled(self, gradient: Tensor, weight: float) -> Tensor:
    return gradient * weight
