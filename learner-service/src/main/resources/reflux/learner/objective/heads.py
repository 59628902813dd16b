# SPDX-License-Identifier: Apache-2.0
# N rows of width d, C of them chosen, V rows of the head.
  def first(self, table: Tensor, rows: int) -> Tensor:
    return torch.narrow(table.detach(), 0, 0, min(rows, table.size(0)))
  def chosen(self, rows: Tensor, ids: Tensor, head: Tensor) -> Tensor:
    return torch.type_as(torch.index_select(rows, 0, ids), head)
  def logits(self, rows: Tensor, ids: Tensor, head: Tensor) -> Tensor:
    return self.product(self.chosen(rows, ids, head), head)
  def push(self, rows: Tensor, ids: Tensor, gradient: Tensor, head: Tensor, rowGradient: Tensor, headGradient: Tensor) -> int:
    torch.index_add_(rowGradient, 0, ids, torch.type_as(self.product(gradient, torch.t(head)), rowGradient))
    # a head that is not trained has an empty gradient
    if headGradient.size(0) > 0:
      headGradient.addmm_(torch.t(gradient), self.chosen(rows, ids, head))
    return 0
  def push_rows(self, ids: Tensor, gradient: Tensor, rowGradient: Tensor) -> int:
    torch.index_add_(rowGradient, 0, ids, torch.type_as(gradient, rowGradient))
    return 0
