# SPDX-License-Identifier: Apache-2.0
# Gemma 3, text (Gemma Team 2025). w[3] is empty; of layer l, from w[4 + 13 * l]: 0 norm, 1 q, 2 k, 3 v, 4 norm of each head's q,
# 5 of its k, 6 o, 7 norm after attention, 8 norm before the mlp, 9 gate, 10 up, 11 down, 12 norm after the mlp. Gains are 1 + weight.
# Stacked: q, k and v at 1, gate and up at 9. tables = [cos, sin] of global layers, then of local ones, each [positions, E / 2]; sizes[-1] = the square of the scores' divisor.

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    x = torch.embedding(w[0], ids, -1, False, True)
    return x * torch.full([1], float(x.size(-1)) ** 0.5, dtype=x.dtype, device=x.device)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return self.turns(tables, at, dtype)

  def norm(self, x: Tensor, g: Tensor, root: Tensor, zero: Tensor) -> Tensor:
    y = self.rms(x, root, zero)
    return torch.addcmul(y, y, g.to(y.dtype)).to(x.dtype)

  def project(self, h: Tensor, w: List[Tensor], i: int, n: int, kernel: int) -> Tensor:
    return self.map(h, w, i, 3, kernel).view([h.size(0), n, -1])

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 4 + 13 * l
    local = 2 * sizes[5 + l]
    h = self.input(self.norm(x, w[o], w[-3], w[-1]), kernel)
    if w[o + 1].is_mkldnn:
      p = torch.split_with_sizes(self.project(h, w, o + 1, sizes[0] + 2 * sizes[1], kernel), [sizes[0], sizes[1], sizes[1]], 1)
    else:
      p = [self.project(h, w, o + 1, sizes[0], kernel), self.project(h, w, o + 2, sizes[1], kernel), self.project(h, w, o + 3, sizes[1], kernel)]
    q = self.turn(self.norm(p[0], w[o + 4], w[-2], w[-1]), r[local], r[local + 1])
    k = self.turn(self.norm(p[1], w[o + 5], w[-2], w[-1]), r[local], r[local + 1])
    return [q * (float(sizes[2]) / float(sizes[-1])) ** 0.5, k, p[2]]

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 4 + 13 * l
    y = x + self.norm(self.map(a, w, o + 6, 3, kernel), w[o + 7], w[-3], w[-1])
    h = self.input(self.norm(y, w[o + 8], w[-3], w[-1]), kernel)
    if w[o + 9].is_mkldnn:
      both = torch.chunk(self.linear(h, w[o + 9], w[3], kernel), 2, -1)
      z = torch.gelu(both[0], approximate="tanh") * both[1]
    else:
      z = torch.gelu(self.map(h, w, o + 9, 3, kernel), approximate="tanh") * self.map(h, w, o + 10, 3, kernel)
    return y + self.norm(self.map(z, w, o + 11, 3, kernel), w[o + 12], w[-3], w[-1])

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], w[-3], w[-1])
