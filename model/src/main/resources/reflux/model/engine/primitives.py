# SPDX-License-Identifier: Apache-2.0
# What the engine itself needs of torch, for every element type.
  def empty(self, shape: List[int], dtype: int, device: str) -> Tensor:
    return torch.empty(shape, dtype=dtype, device=torch.device(device))
  def zeros(self, shape: List[int], dtype: int, device: str) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device=torch.device(device))
  def ones(self, like: Tensor) -> Tensor:
    return torch.ones_like(like)
  def to_device(self, x: Tensor, device: str) -> Tensor:
    return x.to(torch.device(device))
  def scalar_type(self, x: Tensor) -> int:
    return x.dtype
  def is_plain(self, x: Tensor) -> int:
    return int(x.is_contiguous())
  def host(self, x: Tensor, dtype: int) -> Tensor:
    return x.detach().to(torch.device("cpu")).to(dtype).contiguous()
  def convert(self, x: Tensor, dtype: int) -> Tensor:
    return x.detach().to(dtype, False, True)
  def copy(self, source: Tensor, target: Tensor) -> Tensor:
    return target.copy_(source)
# Fails on a CPU that has no instructions for bf16.
  def bf16_layout(self) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(torch.zeros([1, 1], dtype=15), 1)
# A product whose backward leaves zeros of its own memory in the gradient of x.
  def touch(self, x: Tensor) -> Tensor:
    return torch.sum(x * 0.)
