# SPDX-License-Identifier: Apache-2.0
# GPT-NeoX, Pythia. w[3] bias of the final norm; of layer l, from w[4 + 12 * l], matrix or gain and then bias of: 0 norm, 2 qkv (of each
# head its q, k and v in turn), 4 attention's projection, 6 norm, 8 mlp in, 10 mlp out. tables = [cos, sin], each [positions, R / 2]: the
# first R features of a head turn. sizes[-2] = 1: attention and mlp side by side; sizes[-1] = 1: gelu by tanh, 0: exact.

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    return torch.embedding(w[0], ids, -1, False, True)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return self.turns(tables, at, dtype)

  def norm(self, x: Tensor, g: Tensor, b: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], g, b, eps)

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 4 + 12 * l
    y = self.map(self.input(self.norm(x, w[o], w[o + 1], eps), kernel), w, o + 2, o + 3, kernel)
    p = torch.split_with_sizes(y.view([x.size(0), sizes[0], 3, sizes[2]]), [2, 1], 2)
    h = torch.unbind(self.rotate(p[0], r[0].unsqueeze(2), r[1].unsqueeze(2)), 2)
    return [h[0], h[1], p[1].squeeze(2)]

  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    p = torch.split_with_sizes(x, [cos.size(-1), x.size(-1) - cos.size(-1)], -1)
    return torch.cat([self.turn(p[0], cos, sin), p[1]], -1)

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 4 + 12 * l
    y = x + self.map(a, w, o + 4, o + 5, kernel)
    h = y
    if sizes[-2] == 1:
      h = x
    h = self.map(self.norm(h, w[o + 6], w[o + 7], eps), w, o + 8, o + 9, kernel)
    if sizes[-1] == 1:
      h = torch.gelu(h, approximate="tanh")
    else:
      h = torch.gelu(h, approximate="none")
    return y + self.map(h, w, o + 10, o + 11, kernel)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], w[3], eps)
