# SPDX-License-Identifier: Apache-2.0
# What the machine allows. Nothing here is part of a model.
# Reads all of x once.
  def read(self, x: Tensor) -> Tensor:
    return torch.sum(x)
  def greedy(self, logits: Tensor) -> Tensor:
    return torch.argmax(logits, -1)
# The product of x [M, K] and w [N, K], by torch's linear map and by oneDNN's, whose w lies as it likes best.
  def random(self, shape: List[int], dtype: int) -> Tensor:
    return (torch.rand(shape) - 0.5).to(dtype)
  def laid_out(self, w: Tensor, rows: int) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(w, rows)
  def torch_linear(self, x: Tensor, w: Tensor, times: int) -> Tensor:
    y = x
    for i in range(times):
      y = torch.linear(x, w, None)
    return y
  def widened_linear(self, x: Tensor, w: Tensor, times: int) -> Tensor:
    y = x
    for i in range(times):
      y = torch.linear(x.to(6), w.to(6), None).to(15)
    return y
  def onednn_linear(self, x: Tensor, w: Tensor, times: int) -> Tensor:
    y = x
    for i in range(times):
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), None)
    return y
  def first(self, x: Tensor, rows: int) -> Tensor:
    return x.narrow(0, 0, rows)
