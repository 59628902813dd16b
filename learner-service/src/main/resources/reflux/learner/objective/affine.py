# SPDX-License-Identifier: Apache-2.0
# Rows [N, I] times a weight [I, O], plus a bias [O], and the way back of a gradient [N, O].
  def affine(self, rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.mm(rows, weight) + bias
  def affine_back(self, rows: Tensor, gradient: Tensor, weightGradient: Tensor, biasGradient: Tensor) -> int:
    weightGradient.addmm_(torch.t(rows), gradient)
    biasGradient.add_(torch.sum(gradient, [0]))
    return 0
# The gradient [N, I] of the rows.
  def times_transposed(self, gradient: Tensor, weight: Tensor) -> Tensor:
    return torch.mm(gradient, torch.t(weight))
