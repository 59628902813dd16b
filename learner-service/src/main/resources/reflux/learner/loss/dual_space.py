# SPDX-License-Identifier: Apache-2.0
# Capital letters: C rows of a chunk, d and D hidden widths, V and W rows of the student's and the teacher's head.
# First pass: [2, C], the student's id of the teacher's prediction (-1 if none) and the projected teacher's prediction; then the
# logits of both, [C, W] and [C, V].
  def predict(self, teacherRows: Tensor, rows: Tensor, t2s: Tensor, studentHead: Tensor, teacherHead: Tensor, studentIds: Tensor) -> List[Tensor]:
    teacher = torch.type_as(torch.index_select(teacherRows, 0, rows), studentHead)
    own = self.product(teacher, teacherHead)
    projected = self.product(torch.mm(teacher, t2s), studentHead)
    return [torch.stack([torch.index_select(studentIds, 0, self.top(own)), self.top(projected)]), own, projected]
# Cross-entropy with gold ids: the sum, in f64. Adds gradients.
  def gold(self, studentRows: Tensor, rows: Tensor, ids: Tensor, head: Tensor, rowGradient: Tensor, headGradient: Tensor, weight: float) -> Tensor:
    student = torch.index_select(studentRows, 0, rows)
    sum, gradient = self.learn(self.product(student, head), torch.arange(rows.size(0), device=rows.device), ids)
    self.push(gradient, student * weight, rows, head, [rowGradient, headGradient], weight)
    return sum
# Second pass over paired rows. Adds gradients; returns sums in f64: t2s_ce, t2s_kd, s2t_kd, agreements of the
# projected student with the student.
#   rows      student [N, d], teacher [M, D]
#   chunk     the student's and the teacher's row numbers [C]; which of these [C] are kept, in order, and their target ids; which are
#             compared, in order
#   logits    of the first pass: the teacher's [C, W] and the projected teacher's [C, V], which are overwritten; or none
#   studentIds the student's id for each of the teacher's
#   gradients student's rows [N, d], student's head [V, d] (of a frozen head empty), t2s [D, d]
  def pairs(self, rows: List[Tensor], chunk: List[Tensor], logits: List[Tensor], studentIds: Tensor, heads: List[Tensor], projectors: List[Tensor], gradients: List[Tensor], temperature: float, parameter: float, t2sCe: float, t2sKd: float, s2tKd: float, inStudentSpace: bool, inTeacherSpace: bool) -> Tensor:
    student = torch.index_select(rows[0], 0, chunk[0])
    teacher = torch.type_as(torch.index_select(rows[1], 0, chunk[1]), student)
    own = self.product(student, heads[0])
    predicted = self.top(own)
    zero = torch.zeros([], dtype=7, device=student.device)
    sums = [zero, zero, zero, zero]
    if inStudentSpace:
      if len(logits) > 0:
        projected = logits[1]
      else:
        projected = self.product(torch.mm(teacher, projectors[0]), heads[0])
      found = self.student_space(student, teacher, own, projected, chunk, heads[0], gradients, [temperature, parameter, t2sCe, t2sKd])
      sums[0] = found[0]
      sums[1] = found[1]
    own = zero
    if inTeacherSpace:
      if len(logits) > 0:
        theirs = logits[0]
      else:
        theirs = self.product(teacher, heads[1])
      found = self.teacher_space(student, theirs, predicted, chunk, studentIds, heads[1], projectors[1], gradients[0], [temperature, parameter, s2tKd])
      sums[2] = found[0]
      sums[3] = found[1]
    return torch.stack(sums)
# The teacher's states, projected to the student: t2s_ce trains the projector, t2s_kd the student. Overwrites both logits.
  def student_space(self, student: Tensor, teacher: Tensor, own: Tensor, projected: Tensor, chunk: List[Tensor], head: Tensor, gradients: List[Tensor], numbers: List[float]) -> List[Tensor]:
    kd, kdGradient = self.approach(own, projected, chunk[4], numbers[0], numbers[1])
    compared = torch.index_select(student, 0, chunk[4]) * numbers[3]
    self.push(kdGradient, compared, torch.index_select(chunk[0], 0, chunk[4]), head, gradients, numbers[3])
    ce, ceGradient = self.learn(projected, chunk[2], chunk[3])
    kept = torch.index_select(teacher, 0, chunk[2])
    gradients[2].addmm_(torch.t(kept), self.product(ceGradient, torch.t(head)) * numbers[2])
    return [ce, kd]
# The student's states, projected to the teacher: s2t_kd trains the student's states only.
  def teacher_space(self, student: Tensor, theirs: Tensor, predicted: Tensor, chunk: List[Tensor], studentIds: Tensor, head: Tensor, s2t: Tensor, rowGradient: Tensor, numbers: List[float]) -> List[Tensor]:
    projected = self.product(torch.mm(student, s2t), head)
    agreed = torch.eq(torch.index_select(studentIds, 0, self.top(projected)), predicted)
    kd, gradient = self.approach(projected, theirs, chunk[2], numbers[0], numbers[1])
    back = torch.mm(self.product(gradient, torch.t(head)), torch.t(s2t)) * numbers[2]
    torch.index_add_(rowGradient, 0, torch.index_select(chunk[0], 0, chunk[2]), back)
    return [kd, torch.sum(torch.index_select(agreed, 0, chunk[2]).to(7))]
# Leads a gradient [K, V] of logits back: to the rows it is of, times a weight, and to the head by those rows' states, weighted already.
  def push(self, gradient: Tensor, weighted: Tensor, rows: Tensor, head: Tensor, gradients: List[Tensor], weight: float) -> int:
    torch.index_add_(gradients[0], 0, rows, self.product(gradient, torch.t(head)) * weight)
    if gradients[1].size(0) > 0:
      gradients[1].addmm_(torch.t(gradient), weighted)
    return 0
# The divergence of those rows of the student's logits from the teacher's: its sum, in f64, and its gradient [K, V], which takes the
# place of the student's logits. By small blocks, so that what is made on the way stays in the caches.
  def approach(self, student: Tensor, teacher: Tensor, rows: Tensor, temperature: float, parameter: float) -> Tuple[Tensor, Tensor]:
    sum = torch.zeros([], dtype=7, device=student.device)
    block = self.block(student)
    for start in range(0, rows.size(0), block):
      size = min(block, rows.size(0) - start)
      value, gradient = self.compare(self.some(student, rows, start, size), self.some(teacher, rows, start, size), temperature, parameter)
      torch.narrow(student, 0, start, size).copy_(gradient)
      sum = sum + torch.sum(value.to(7))
    return (sum, torch.narrow(student, 0, 0, rows.size(0)))
# The same of the cross-entropy with ids [K].
  def learn(self, logits: Tensor, rows: Tensor, ids: Tensor) -> Tuple[Tensor, Tensor]:
    sum = torch.zeros([], dtype=7, device=logits.device)
    block = self.block(logits)
    for start in range(0, rows.size(0), block):
      size = min(block, rows.size(0) - start)
      value, gradient = self.cross_entropy(self.some(logits, rows, start, size), torch.narrow(ids, 0, start, size))
      torch.narrow(logits, 0, start, size).copy_(gradient)
      sum = sum + torch.sum(value.to(7))
    return (sum, torch.narrow(logits, 0, 0, rows.size(0)))
# Some of the rows [K] of x [C, V]; where all are, they are where they were.
  def some(self, x: Tensor, rows: Tensor, start: int, size: int) -> Tensor:
    if rows.size(0) == x.size(0):
      y = torch.narrow(x, 0, start, size)
    else:
      y = torch.index_select(x, 0, torch.narrow(rows, 0, start, size))
    return y
