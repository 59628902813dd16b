# SPDX-License-Identifier: Apache-2.0
# student [V, d] and teacher [W, D] are LM heads; ids [K] choose their rows of the shared tokens. Sums are f64 (dtype 7).
  def products(self, left: Tensor, right: Tensor, leftIds: Tensor, rightIds: Tensor) -> Tensor:
    # sum over tokens k of left[k] right[k]^T, block by block
    total = torch.zeros([left.size(1), right.size(1)], dtype=7, device=left.device)
    size = leftIds.size(0)
    start = 0
    while start < size:
      count = min(8192, size - start)
      a = torch.index_select(left, 0, torch.narrow(leftIds, 0, start, count)).to(7)
      b = torch.index_select(right, 0, torch.narrow(rightIds, 0, start, count)).to(7)
      total = total + torch.mm(torch.t(a), b)
      start = start + count
    return total
  def pseudo_inverse(self, gram: Tensor, cut: float) -> Tuple[Tensor, Tensor]:
    # eigenvalues up to cut * largest (or below what f64 can tell from 0) count as 0
    values, vectors = torch.linalg_eigh(gram)
    floor = max(cut, 2.3e-16 * gram.size(0))
    kept = torch.gt(values, torch.max(values) * floor)
    inverse = torch.where(kept, torch.reciprocal(values), torch.zeros_like(values))
    dropped = torch.sum(torch.logical_not(kept)).to(7)
    return (torch.mm(vectors * inverse, torch.t(vectors)), dropped)
  def initialise(self, student: Tensor, teacher: Tensor, studentIds: Tensor, teacherIds: Tensor, cut: float) -> List[Tensor]:
    cross = self.products(teacher, student, teacherIds, studentIds)
    studentGram = self.products(student, student, studentIds, studentIds)
    teacherGram = self.products(teacher, teacher, teacherIds, teacherIds)
    studentInverse, studentDropped = self.pseudo_inverse(studentGram, cut)
    teacherInverse, teacherDropped = self.pseudo_inverse(teacherGram, cut)
    t2s = torch.mm(cross, studentInverse)
    s2t = torch.mm(torch.t(cross), teacherInverse)
    # |W B - A|^2 = tr(W BB^T W^T) - 2 tr(W BA^T) + tr(AA^T)
    norm = torch.trace(teacherGram)
    left = torch.sum(torch.mm(t2s, studentGram) * t2s) - 2. * torch.sum(t2s * cross) + norm
    residual = torch.sqrt(torch.clamp(left, 0., None) / norm)
    value = t2s.to(student.dtype)
    numbers = torch.stack([studentDropped, teacherDropped, residual])
    return [value, torch.zeros_like(value), s2t.to(student.dtype), teacherInverse, numbers]
# A with (A^T A)^+ behind it, block by block: [K, D], in the heads' type. It makes a refresh one product in that type.
  def pull(self, teacher: Tensor, teacherIds: Tensor, teacherInverse: Tensor) -> Tensor:
    size = teacherIds.size(0)
    result = torch.empty([size, teacher.size(1)], dtype=teacher.dtype, device=teacher.device)
    start = 0
    while start < size:
      count = min(8192, size - start)
      a = torch.index_select(teacher, 0, torch.narrow(teacherIds, 0, start, count)).to(7)
      torch.narrow(result, 0, start, count).copy_(torch.mm(a, teacherInverse))
      start = start + count
    return result
  def refresh(self, student: Tensor, teacher: Tensor, studentIds: Tensor, teacherIds: Tensor, teacherInverse: Tensor, pull: Tensor, s2t: Tensor) -> int:
    if torch.numel(pull) > 0:
      s2t.copy_(torch.mm(torch.t(torch.index_select(student, 0, studentIds)), pull))
    else:
      s2t.copy_(torch.mm(self.products(student, teacher, studentIds, teacherIds), teacherInverse))
    return 0
