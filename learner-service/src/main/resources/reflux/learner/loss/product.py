# SPDX-License-Identifier: Apache-2.0
# x [N, K] times w [V, K], transposed. In f32 on a CPU by oneDNN's linear map, which over a whole vocabulary is faster than what torch
# calls, and does not mind whether w itself lies transposed.
  def product(self, x: Tensor, w: Tensor) -> Tensor:
    if x.is_cuda or x.dtype != 6 or torch.numel(x) == 0:
      y = torch.linear(x, w)
    else:
      y = ops.mkldnn._linear_pointwise(x, w, None, "none", annotate(List[Optional[number]], []), None)
    return y
