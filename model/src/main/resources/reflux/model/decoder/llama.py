# SPDX-License-Identifier: Apache-2.0
# Llama, Mistral, Qwen2, Qwen3 (Hugging Face's layout: rotary halves, not pairs). Of layer l, from w[3 + 18 * l]:
# 0 norm, 1 q, 2 k, 3 v, 4 o, 5 norm, 6 gate, 7 up, 8 down, 9.. the biases of q, k, v, o, gate, up, down, 16 norm of each head's q, 17 of its k
# (empty = none). Stacked: q, k and v at 1 and 9, gate and up at 6 and 13.
# tables = [cos, sin], each [positions, E / 2].

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    return torch.embedding(w[0], ids, -1, False, True)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return self.turns(tables, at, dtype)

  def norm(self, x: Tensor, g: Tensor, root: Tensor, zero: Tensor) -> Tensor:
    return self.rms(x, root, zero).to(x.dtype) * g

  def project(self, h: Tensor, w: List[Tensor], i: int, b: int, n: int, kernel: int) -> Tensor:
    return self.map(h, w, i, b, kernel).view([h.size(0), n, -1])

  def head_norm(self, x: Tensor, g: Tensor, w: List[Tensor]) -> Tensor:
    y = x
    if torch.numel(g) > 0:
      y = self.norm(x, g, w[-2], w[-1])
    return y

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 3 + 18 * l
    h = self.input(self.norm(x, w[o], w[-3], w[-1]), kernel)
    if w[o + 1].is_mkldnn:
      p = self.stacked_heads(h, w, o, r, sizes, kernel)
    else:
      q = self.head_norm(self.project(h, w, o + 1, o + 9, sizes[0], kernel), w[o + 16], w)
      k = self.head_norm(self.project(h, w, o + 2, o + 10, sizes[1], kernel), w[o + 17], w)
      p = [self.turn(q, r[0], r[1]), self.turn(k, r[0], r[1]), self.project(h, w, o + 3, o + 11, sizes[1], kernel)]
    return p

# Queries and keys turn together.
  def stacked_heads(self, h: Tensor, w: List[Tensor], o: int, r: List[Tensor], sizes: List[int], kernel: int) -> List[Tensor]:
    H = sizes[0]
    K = sizes[1]
    y = torch.split_with_sizes(self.project(h, w, o + 1, o + 9, H + 2 * K, kernel), [H + K, K], 1)
    qk = y[0]
    if torch.numel(w[o + 16]) > 0:
      p = torch.split_with_sizes(qk, [H, K], 1)
      qk = torch.cat([self.head_norm(p[0], w[o + 16], w), self.head_norm(p[1], w[o + 17], w)], 1)
    p = torch.split_with_sizes(self.turn(qk, r[0], r[1]), [H, K], 1)
    return [p[0], p[1], y[1]]

  def gated(self, h: Tensor, w: List[Tensor], o: int, kernel: int) -> Tensor:
    if w[o + 6].is_mkldnn:
      both = torch.chunk(self.linear(h, w[o + 6], w[o + 13], kernel), 2, -1)
      y = torch.silu(both[0]) * both[1]
    else:
      gate = torch.silu(self.map(h, w, o + 6, o + 13, kernel))
      y = gate * self.map(h, w, o + 7, o + 14, kernel)
    return y

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 3 + 18 * l
    y = x + self.map(a, w, o + 4, o + 12, kernel)
    h = self.gated(self.input(self.norm(y, w[o + 5], w[-3], w[-1]), kernel), w, o, kernel)
    return y + self.map(h, w, o + 8, o + 15, kernel)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], w[-3], w[-1])
