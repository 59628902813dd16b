# SPDX-License-Identifier: Apache-2.0
# All arguments are changed in place; w values, g gradients, m and v moments, n update counters (f32 scalars).
  def adamw(self, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], n: List[Tensor], lr: float, beta1: float, beta2: float, decay: float, eps: float) -> Tensor:
    none = annotate(List[Tensor], [])
    torch._foreach_add_(n, 1)
    torch._fused_adamw_(w, g, m, v, none, n, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
    return n[0]
  def clip(self, g: List[Tensor], max_norm: float) -> Tensor:
    if len(g) == 0:
      return torch.zeros([])
    norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)))
    torch._foreach_mul_(g, torch.clamp(max_norm / (norm + 1e-06), None, 1.))
    return norm
  def zero(self, g: List[Tensor]) -> int:
    if len(g) > 0:
      torch._foreach_zero_(g)
    return 0
  def fill(self, x: List[Tensor], value: int) -> int:
    for i in range(len(x)):
      x[i].fill_(value)
    return 0
