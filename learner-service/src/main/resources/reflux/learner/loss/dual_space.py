# SPDX-License-Identifier: Apache-2.0
# Capital letters: C rows of a chunk, d and D hidden widths, V and W rows of the student's and the teacher's head.
# First pass: [2, C], the student's id of the teacher's prediction (-1 if none) and the projected teacher's prediction.
  def predict(self, teacherRows: Tensor, rows: Tensor, t2s: Tensor, studentHead: Tensor, teacherHead: Tensor, studentIds: Tensor) -> Tensor:
    teacher = torch.type_as(torch.index_select(teacherRows, 0, rows), studentHead)
    own = self.top(torch.linear(teacher, teacherHead))
    projected = self.top(torch.linear(torch.mm(teacher, t2s), studentHead))
    return torch.stack([torch.index_select(studentIds, 0, own), projected])
# Cross-entropy with gold ids: the sum, in f64. Adds gradients.
  def gold(self, studentRows: Tensor, rows: Tensor, ids: Tensor, head: Tensor, rowGradient: Tensor, headGradient: Tensor, weight: float) -> Tensor:
    student = torch.index_select(studentRows, 0, rows)
    value, gradient = self.cross_entropy(torch.linear(student, head), ids)
    gradient = gradient * weight
    torch.index_add_(rowGradient, 0, rows, torch.mm(gradient, head))
    if headGradient.size(0) > 0:
      headGradient.addmm_(torch.t(gradient), student)
    return torch.sum(value.to(7))
# Second pass over paired rows. Adds gradients; returns sums in f64: t2s_ce, t2s_kd, s2t_kd, agreements of the
# projected student with the student.
#   rows      student [N, d], teacher [M, D]
#   chunk     student's and teacher's row numbers, target ids, 0 or 1 for kept, 0 or 1 for compared; all [C]
#   studentIds the student's id for each of the teacher's
#   gradients student's rows [N, d], student's head [V, d] (of a frozen head empty), t2s [D, d]
  def pairs(self, rows: List[Tensor], chunk: List[Tensor], studentIds: Tensor, heads: List[Tensor], projectors: List[Tensor], gradients: List[Tensor], temperature: float, parameter: float, t2sCe: float, t2sKd: float, s2tKd: float, inStudentSpace: bool, inTeacherSpace: bool) -> Tensor:
    student = torch.index_select(rows[0], 0, chunk[0])
    teacher = torch.type_as(torch.index_select(rows[1], 0, chunk[1]), student)
    studentLogits = torch.linear(student, heads[0])
    zero = torch.zeros([], dtype=7, device=student.device)
    sums = [zero, zero, zero, zero]
    if inStudentSpace:
      found = self.student_space(student, teacher, studentLogits, chunk, heads[0], projectors[0], gradients, [temperature, parameter, t2sCe, t2sKd])
      sums[0] = found[0]
      sums[1] = found[1]
    if inTeacherSpace:
      teacherLogits = torch.linear(teacher, heads[1])
      found = self.teacher_space(student, studentLogits, teacherLogits, chunk, studentIds, heads[1], projectors[1], gradients[0], [temperature, parameter, s2tKd])
      sums[2] = found[0]
      sums[3] = found[1]
    return torch.stack(sums)
# The teacher's states, projected to the student: t2s_ce trains the projector, t2s_kd the student.
  def student_space(self, student: Tensor, teacher: Tensor, studentLogits: Tensor, chunk: List[Tensor], head: Tensor, t2s: Tensor, gradients: List[Tensor], numbers: List[float]) -> List[Tensor]:
    kept = torch.type_as(chunk[3], student)
    compared = torch.type_as(chunk[4], student)
    projectedLogits = torch.linear(torch.mm(teacher, t2s), head)
    ce, ceGradient = self.cross_entropy(projectedLogits, torch.clamp(chunk[2], 0, None))
    ceGradient = self.scaled(ceGradient, kept, numbers[2])
    gradients[2].addmm_(torch.t(teacher), torch.mm(ceGradient, head))
    kd, kdGradient = self.compare(studentLogits, projectedLogits, numbers[0], numbers[1])
    kdGradient = self.scaled(kdGradient, compared, numbers[3])
    torch.index_add_(gradients[0], 0, chunk[0], torch.mm(kdGradient, head))
    if gradients[1].size(0) > 0:
      gradients[1].addmm_(torch.t(kdGradient), student)
    return [self.total(ce, kept), self.total(kd, compared)]
# The student's states, projected to the teacher: s2t_kd trains the student's states only.
  def teacher_space(self, student: Tensor, studentLogits: Tensor, teacherLogits: Tensor, chunk: List[Tensor], studentIds: Tensor, head: Tensor, s2t: Tensor, rowGradient: Tensor, numbers: List[float]) -> List[Tensor]:
    kept = torch.type_as(chunk[3], student)
    projectedLogits = torch.linear(torch.mm(student, s2t), head)
    kd, gradient = self.compare(projectedLogits, teacherLogits, numbers[0], numbers[1])
    gradient = self.scaled(gradient, kept, numbers[2])
    torch.index_add_(rowGradient, 0, chunk[0], torch.mm(torch.mm(gradient, head), torch.t(s2t)))
    predicted = torch.index_select(studentIds, 0, self.top(projectedLogits))
    agreed = torch.type_as(torch.eq(predicted, self.top(studentLogits)), student)
    return [self.total(kd, kept), self.total(agreed, kept)]
# Only rows that count, whatever the values of the others: the sum of values [C], and gradients [C, V] times a weight.
  def total(self, values: Tensor, counted: Tensor) -> Tensor:
    return torch.sum(self.weighted(counted, values).to(7))
  def scaled(self, gradient: Tensor, counted: Tensor, weight: float) -> Tensor:
    return gradient.masked_fill_(torch.eq(torch.unsqueeze(counted, 1), 0), 0.).mul_(weight)
