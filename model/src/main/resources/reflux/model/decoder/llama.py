# SPDX-License-Identifier: Apache-2.0
# Llama, Mistral, Qwen2, Qwen3 (Hugging Face's layout: rotary halves, not pairs). Of layer l, from w[3 + 18 * l]:
# 0 norm, 1 q, 2 k, 3 v, 4 o, 5 norm, 6 gate, 7 up, 8 down, 9.. the biases of q, k, v, o, gate, up, down, 16 norm of each head's q, 17 of its k
# (empty = none). Stacked: q, k and v at 1 and 9, gate and up at 6 and 13.
# tables = [cos, sin], each [positions, E / 2].

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    return torch.embedding(w[0], ids, -1, False, True)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return self.turns(tables, at, dtype)

  def norm(self, x: Tensor, g: Tensor, epsilon: Tensor) -> Tensor:
    return self.rms(x, epsilon).to(x.dtype) * g

  def project(self, h: Tensor, w: List[Tensor], o: int, b: int, n: int, kernel: int) -> Tensor:
    y = self.map(h, w, o, b, kernel)
    return y.view([y.size(0), y.size(1), n, y.size(2) // n]).transpose(1, 2)

  def head_norm(self, x: Tensor, g: Tensor, epsilon: Tensor) -> Tensor:
    y = x
    if torch.numel(g) > 0:
      y = self.norm(x, g, epsilon)
    return y

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 3 + 18 * l
    h = self.input(self.norm(x, w[o], w[-1]), kernel)
    if w[o + 1].is_mkldnn:
      p = self.stacked_heads(h, w, o, r, sizes, kernel)
    else:
      q = self.head_norm(self.project(h, w, o + 1, o + 9, sizes[0], kernel), w[o + 16], w[-1])
      k = self.head_norm(self.project(h, w, o + 2, o + 10, sizes[1], kernel), w[o + 17], w[-1])
      p = [self.turn(q, r[0], r[1]), self.turn(k, r[0], r[1]), self.project(h, w, o + 3, o + 11, sizes[1], kernel)]
    return p

  def stacked_heads(self, h: Tensor, w: List[Tensor], o: int, r: List[Tensor], sizes: List[int], kernel: int) -> List[Tensor]:
    H = sizes[0]
    K = sizes[1]
    y = self.linear(h, w[o + 1], w[o + 9], kernel).view([h.size(0), h.size(1), H + 2 * K, sizes[2]]).transpose(1, 2)
    v = y.narrow(1, H + K, K)
    if torch.numel(w[o + 16]) > 0:
      q = self.turn(self.norm(y.narrow(1, 0, H), w[o + 16], w[-1]), r[0], r[1])
      k = self.turn(self.norm(y.narrow(1, H, K), w[o + 17], w[-1]), r[0], r[1])
    else:
      both = self.turn(y.narrow(1, 0, H + K), r[0], r[1])
      q = both.narrow(1, 0, H)
      k = both.narrow(1, H, K)
    return [q, k, v]

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
    h = self.gated(self.input(self.norm(y, w[o + 5], w[-1]), kernel), w, o, kernel)
    return y + self.map(h, w, o + 8, o + 15, kernel)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], w[-1])
