# SPDX-License-Identifier: Apache-2.0
# C rows, V and W tokens of the student and the teacher, K tokens that both know.
  def columns(self, logits: Tensor, ids: Tensor) -> Tensor:
    return torch.index_select(logits, 1, ids)
# The sum of values [C] in f64, and weight times a gradient [C, K] back in the columns that it came from [C, V].
  def spread(self, values: Tensor, gradient: Tensor, ids: Tensor, width: int, weight: float) -> Tuple[Tensor, Tensor]:
    wide = torch.zeros([gradient.size(0), width], dtype=gradient.dtype, device=gradient.device)
    return (torch.sum(values.to(7)), torch.index_copy(wide, 1, ids, gradient * weight))
# MinED's target logits [C, V]: the teacher's where both know the token, else as good as impossible.
  def mapped(self, teacher: Tensor, studentIds: Tensor, teacherIds: Tensor, width: int) -> Tensor:
    target = torch.full([teacher.size(0), width], -100000., dtype=teacher.dtype, device=teacher.device)
    return torch.index_copy(target, 1, studentIds, torch.index_select(teacher, 1, teacherIds))
# The target of a row that is not mapped: its token and no other.
  def gold(self, like: Tensor, ids: Tensor) -> Tensor:
    target = torch.full_like(like, -100000.)
    return torch.scatter(target, 1, torch.unsqueeze(ids, 1), torch.full([ids.size(0), 1], 100., dtype=like.dtype, device=like.device))
# As spread, over all columns.
  def whole(self, values: Tensor, gradient: Tensor, weight: float) -> Tuple[Tensor, Tensor]:
    return (torch.sum(values.to(7)), gradient * weight)
