# SPDX-License-Identifier: Apache-2.0
# OPT. w[3] bias of the final norm, w[4] position embedding (position p has row p + 2); of layer l, from w[5 + 16 * l], matrix or gain and
# then bias of: 0 norm, 2 q, 4 k, 6 v, 8 attention's projection, 10 norm, 12 mlp in, 14 mlp out. Stacked: q, k and v at 2 and 3.

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    return torch.embedding(w[0], ids, -1, False, True) + torch.embedding(w[4], at + 2)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return tables

  def norm(self, x: Tensor, g: Tensor, b: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], g, b, eps)

  def project(self, h: Tensor, w: List[Tensor], i: int, n: int, kernel: int) -> Tensor:
    return self.map(h, w, i, i + 1, kernel).view([h.size(0), n, -1])

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 5 + 16 * l
    h = self.input(self.norm(x, w[o], w[o + 1], eps), kernel)
    if w[o + 2].is_mkldnn:
      p = torch.chunk(self.project(h, w, o + 2, 3 * sizes[0], kernel), 3, 1)
    else:
      p = [self.project(h, w, i, sizes[0], kernel) for i in [o + 2, o + 4, o + 6]]
    return p

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 5 + 16 * l
    y = x + self.map(a, w, o + 8, o + 9, kernel)
    h = torch.relu(self.map(self.norm(y, w[o + 10], w[o + 11], eps), w, o + 12, o + 13, kernel))
    return y + self.map(h, w, o + 14, o + 15, kernel)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], w[3], eps)
