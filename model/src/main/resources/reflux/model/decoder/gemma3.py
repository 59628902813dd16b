# SPDX-License-Identifier: Apache-2.0
# Gemma 3, text (Gemma Team 2025). w[3] is empty; of layer l, from w[4 + 13 * l]: 0 norm, 1 q, 2 k, 3 v, 4 norm of each head's q,
# 5 of its k, 6 o, 7 norm after attention, 8 norm before the mlp, 9 gate, 10 up, 11 down, 12 norm after the mlp. Gains are 1 + weight.
# tables = [cos, sin] of global layers, then of local ones, each [positions, E / 2]; sizes[-1] = the square of the scores' divisor.

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    x = torch.embedding(w[0], ids)
    return x * torch.full([1], float(x.size(-1)) ** 0.5, dtype=x.dtype, device=x.device)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return [torch.index_select(t, 0, at).to(dtype) for t in tables]

  def norm(self, x: Tensor, g: Tensor, eps: float) -> Tensor:
    f = x.to(self.wide(x.dtype))
    return (f * torch.rsqrt(torch.mean(f * f, [-1], True) + eps) * (g.to(f.dtype) + 1.)).to(x.dtype)

  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a = torch.chunk(x, 2, -1)
    return torch.cat([a[0] * cos - a[1] * sin, a[1] * cos + a[0] * sin], -1)

  def project(self, h: Tensor, w: List[Tensor], i: int, n: int, kernel: int) -> Tensor:
    y = self.map(h, w, i, 3, kernel)
    return y.view([y.size(0), y.size(1), n, y.size(2) // n]).transpose(1, 2)

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 4 + 13 * l
    local = 2 * sizes[5 + l]
    h = self.input(self.norm(x, w[o], eps), kernel)
    q = self.rotate(self.norm(self.project(h, w, o + 1, sizes[0], kernel), w[o + 4], eps), r[local], r[local + 1])
    k = self.rotate(self.norm(self.project(h, w, o + 2, sizes[1], kernel), w[o + 5], eps), r[local], r[local + 1])
    return [q * (float(sizes[2]) / float(sizes[-1])) ** 0.5, k, self.project(h, w, o + 3, sizes[1], kernel)]

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 4 + 13 * l
    y = x + self.norm(self.map(a, w, o + 6, 3, kernel), w[o + 7], eps)
    h = self.input(self.norm(y, w[o + 8], eps), kernel)
    gate = torch.gelu(self.map(h, w, o + 9, 3, kernel), approximate="tanh")
    return y + self.norm(self.map(gate * self.map(h, w, o + 10, 3, kernel), w, o + 11, 3, kernel), w[o + 12], eps)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], eps)
