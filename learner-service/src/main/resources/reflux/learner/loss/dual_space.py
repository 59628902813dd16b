# SPDX-License-Identifier: Apache-2.0
# Capital letters: C rows of a chunk, d and D hidden widths, V and W rows of the student's and the teacher's head.
# First pass: [2, C], the student's id of the teacher's prediction (-1 if none) and the projected teacher's prediction.
  def predict(self, teacherRows: Tensor, rows: Tensor, t2s: Tensor, studentHead: Tensor, teacherHead: Tensor, studentIds: Tensor) -> Tensor:
    teacher = torch.type_as(torch.index_select(teacherRows, 0, rows), studentHead)
    own = torch.argmax(torch.linear(teacher, teacherHead), -1)
    projected = torch.argmax(torch.linear(torch.mm(teacher, t2s), studentHead), -1)
    return torch.stack([torch.index_select(studentIds, 0, own), projected])
# Cross-entropy with gold ids: the sum, in f64. Adds gradients.
  def gold(self, studentRows: Tensor, rows: Tensor, ids: Tensor, head: Tensor, rowGradient: Tensor, headGradient: Tensor, weight: float) -> Tensor:
    student = torch.index_select(studentRows, 0, rows)
    value, gradient = self.cross_entropy(torch.linear(student, head), ids)
    gradient = gradient * weight
    torch.index_add_(rowGradient, 0, rows, torch.mm(gradient, head))
    headGradient.addmm_(torch.t(gradient), student)
    return torch.sum(value.to(7))
# Second pass over paired rows. Adds gradients; returns sums in f64: t2s_ce, t2s_kd, s2t_kd, agreements of the
# projected student with the student, forward and reverse KL over shared tokens.
#   rows      student [N, d], teacher [M, D]
#   chunk     student's and teacher's row numbers, target ids, 0 or 1 for kept, 0 or 1 for compared; all [C]
#   maps      student's id for each of the teacher's, shared ids of the student, shared ids of the teacher
#   gradients student's rows [N, d], student's head [V, d], t2s [D, d]
  def pairs(self, rows: List[Tensor], chunk: List[Tensor], maps: List[Tensor], heads: List[Tensor], projectors: List[Tensor], gradients: List[Tensor], temperature: float, parameter: float, t2sCe: float, t2sKd: float, s2tKd: float, inStudentSpace: bool, inTeacherSpace: bool) -> Tensor:
    student = torch.index_select(rows[0], 0, chunk[0])
    teacher = torch.type_as(torch.index_select(rows[1], 0, chunk[1]), student)
    studentLogits = torch.linear(student, heads[0])
    teacherLogits = torch.linear(teacher, heads[1])
    zero = torch.zeros([], dtype=7, device=student.device)
    sums = [zero, zero, zero, zero]
    if inStudentSpace:
      found = self.student_space(student, teacher, studentLogits, chunk, heads[0], projectors[0], gradients, [temperature, parameter, t2sCe, t2sKd])
      sums[0] = found[0]
      sums[1] = found[1]
    if inTeacherSpace:
      found = self.teacher_space(student, studentLogits, teacherLogits, chunk, maps[0], heads[1], projectors[1], gradients[0], [temperature, parameter, s2tKd])
      sums[2] = found[0]
      sums[3] = found[1]
    forward, reverse = self.shared_kl(studentLogits, teacherLogits, maps)
    return torch.stack([sums[0], sums[1], sums[2], sums[3], forward, reverse])
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
    gradients[1].addmm_(torch.t(kdGradient), student)
    return [self.total(ce, kept), self.total(kd, compared)]
# The student's states, projected to the teacher: s2t_kd trains the student's states only.
  def teacher_space(self, student: Tensor, studentLogits: Tensor, teacherLogits: Tensor, chunk: List[Tensor], studentIds: Tensor, head: Tensor, s2t: Tensor, rowGradient: Tensor, numbers: List[float]) -> List[Tensor]:
    kept = torch.type_as(chunk[3], student)
    projectedLogits = torch.linear(torch.mm(student, s2t), head)
    kd, gradient = self.compare(projectedLogits, teacherLogits, numbers[0], numbers[1])
    gradient = self.scaled(gradient, kept, numbers[2])
    torch.index_add_(rowGradient, 0, chunk[0], torch.mm(torch.mm(gradient, head), torch.t(s2t)))
    predicted = torch.index_select(studentIds, 0, torch.argmax(projectedLogits, -1))
    agreed = torch.type_as(torch.eq(predicted, torch.argmax(studentLogits, -1)), student)
    return [self.total(kd, kept), self.total(agreed, kept)]
# Only rows that count, whatever the values of the others: the sum of values [C], and gradients [C, V] times a weight.
  def total(self, values: Tensor, counted: Tensor) -> Tensor:
    return torch.sum(self.weighted(counted, values).to(7))
  def scaled(self, gradient: Tensor, counted: Tensor, weight: float) -> Tensor:
    return torch.where(torch.gt(torch.unsqueeze(counted, 1), 0), gradient * weight, torch.zeros_like(gradient))
# KL of teacher and student, both ways, over the shared tokens and one bucket for all others; temperature 1.
  def shared_kl(self, studentLogits: Tensor, teacherLogits: Tensor, maps: List[Tensor]) -> Tuple[Tensor, Tensor]:
    student = self.buckets(studentLogits, maps[1])
    teacher = self.buckets(teacherLogits, maps[2])
    ratio = teacher - student
    forward = torch.sum(self.weighted(torch.exp(teacher), ratio).to(7))
    reverse = torch.sum(self.weighted(torch.exp(student), torch.neg(ratio)).to(7))
    return (forward, reverse)
# Log-probabilities of the shared tokens and of the rest; the rest is at least e^-16, so that an empty one costs a finite amount.
  def buckets(self, logits: Tensor, shared: Tensor) -> Tensor:
    logProbs = torch.log_softmax(logits, -1)
    others = torch.index_fill(logProbs, 1, shared, -float("inf"))
    rest = torch.clamp(torch.logsumexp(others, [1], True), -16., None)
    return torch.cat([torch.index_select(logProbs, 1, shared), rest], 1)
