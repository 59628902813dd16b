# SPDX-License-Identifier: Apache-2.0
# One response of n student and m teacher tokens. Maps are weight and bias of query [2d, 2D], t2s [D, d] and s2t [d, D].
# Embeddings [n, 2w] of the tokens read and to be predicted; a token before the first that is not known, -1, is zeros.
  def embed(self, table: Tensor, read: Tensor, predicted: Tensor, rows: Tensor) -> Tensor:
    embedded = torch.type_as(torch.index_select(table, 0, torch.clamp(read, 0, None)), rows)
    known = torch.ge(torch.unsqueeze(read, 1), 0)
    before = torch.where(known, embedded, torch.zeros_like(embedded))
    return torch.cat([before, torch.type_as(torch.index_select(table, 0, predicted), rows)], 1)
# [3]: standard deviations, unbiased, of all numbers of the teacher's embeddings, its states, and its predicted tokens' embeddings.
  def deviations(self, teacher: Tensor, embeddings: Tensor) -> Tensor:
    width = teacher.size(1)
    predicted = torch.narrow(embeddings, 1, width, width)
    return torch.stack([torch.std(embeddings), torch.std(teacher), torch.std(predicted)])
# Teacher's states for the student's rows [n, d], student's states for the teacher's rows [m, D], and what the way back needs.
  def cross(self, student: Tensor, teacher: Tensor, studentEmbeddings: Tensor, teacherEmbeddings: Tensor, deviations: Tensor, maps: List[Tensor]) -> List[Tensor]:
    width = teacher.size(1)
    keys = teacherEmbeddings / torch.select(deviations, 0, 0)
    predicted = torch.narrow(teacherEmbeddings, 1, width, width)
    content = teacher / torch.select(deviations, 0, 1) + predicted / torch.select(deviations, 0, 2)
    query = self.affine(studentEmbeddings, maps[0], maps[1])
    scores = torch.mm(query, torch.t(keys)) * self.scale(keys)
    toStudent = torch.softmax(scores, -1)
    toTeacher = torch.softmax(torch.t(scores), -1)
    teacherValues = self.affine(content, maps[2], maps[3])
    studentValues = self.affine(student, maps[4], maps[5])
    return [torch.mm(toStudent, teacherValues), torch.mm(toTeacher, studentValues), toStudent, toTeacher, keys, content, teacherValues, studentValues]
# The way back of gradients for the crossed states: adds to those of the maps; returns that of the student's rows [n, d].
  def cross_back(self, student: Tensor, studentEmbeddings: Tensor, crossed: List[Tensor], toStudentGradient: Tensor, toTeacherGradient: Tensor, maps: List[Tensor], gradients: List[Tensor]) -> Tensor:
    scores = self.softmax_back(crossed[2], torch.mm(toStudentGradient, torch.t(crossed[6])))
    scores = scores + torch.t(self.softmax_back(crossed[3], torch.mm(toTeacherGradient, torch.t(crossed[7]))))
    query = torch.mm(scores, crossed[4]) * self.scale(crossed[4])
    studentValues = torch.mm(torch.t(crossed[3]), toTeacherGradient)
    self.affine_back(studentEmbeddings, query, gradients[0], gradients[1])
    self.affine_back(crossed[5], torch.mm(torch.t(crossed[2]), toStudentGradient), gradients[2], gradients[3])
    self.affine_back(student, studentValues, gradients[4], gradients[5])
    return torch.mm(studentValues, torch.t(maps[4]))
  def scale(self, keys: Tensor) -> float:
    return 1. / torch.sqrt(keys.size(1))
  def softmax_back(self, weights: Tensor, gradient: Tensor) -> Tensor:
    product = weights * gradient
    return product - weights * torch.sum(product, [-1], True)
