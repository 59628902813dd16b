# SPDX-License-Identifier: Apache-2.0
# Llama, Mistral, Qwen2, Qwen3 (Hugging Face's layout: rotary halves, not pairs). Of layer l, from w[3 + 18 * l]:
# 0 norm, 1 q, 2 k, 3 v, 4 o, 5 norm, 6 gate, 7 up, 8 down, 9.. the biases of q, k, v, o, gate, up, down, 16 norm of each head's q, 17 of its k
# (empty = none).
# tables = [cos, sin], each [positions, E / 2].

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    return torch.embedding(w[0], ids)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return [torch.index_select(t, 0, at).to(dtype) for t in tables]

  def norm(self, x: Tensor, g: Tensor, eps: float) -> Tensor:
    f = x.to(self.wide(x.dtype))
    return (f * torch.rsqrt(torch.mean(f * f, [-1], True) + eps)).to(x.dtype) * g

  def rotate(self, x: Tensor, r: List[Tensor]) -> Tensor:
    a = torch.chunk(x, 2, -1)
    return torch.cat([a[0] * r[0] - a[1] * r[1], a[1] * r[0] + a[0] * r[1]], -1)

  def project(self, h: Tensor, w: List[Tensor], o: int, b: int, n: int, kernel: int) -> Tensor:
    y = self.map(h, w, o, b, kernel)
    return y.view([y.size(0), y.size(1), n, y.size(2) // n]).transpose(1, 2)

  def head_norm(self, x: Tensor, g: Tensor, eps: float) -> Tensor:
    y = x
    if torch.numel(g) > 0:
      y = self.norm(x, g, eps)
    return y

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 3 + 18 * l
    h = self.input(self.norm(x, w[o], eps), kernel)
    q = self.head_norm(self.project(h, w, o + 1, o + 9, sizes[0], kernel), w[o + 16], eps)
    k = self.head_norm(self.project(h, w, o + 2, o + 10, sizes[1], kernel), w[o + 17], eps)
    return [self.rotate(q, r), self.rotate(k, r), self.project(h, w, o + 3, o + 11, sizes[1], kernel)]

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 3 + 18 * l
    y = x + self.map(a, w, o + 4, o + 12, kernel)
    h = self.input(self.norm(y, w[o + 5], eps), kernel)
    gate = torch.silu(self.map(h, w, o + 6, o + 13, kernel))
    return y + self.map(gate * self.map(h, w, o + 7, o + 14, kernel), w, o + 8, o + 15, kernel)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], eps)
