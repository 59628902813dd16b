# SPDX-License-Identifier: Apache-2.0
# GPT-2 (Hugging Face's Conv1D layout: matrices are [in, out]). w[3] position embedding, w[4] bias of the final norm; of layer l,
# from w[5 + 12 * l], matrix or gain and then bias of: 0 norm, 2 qkv, 4 attention's projection, 6 norm, 8 mlp in, 10 mlp out.
# sizes[-1] = 1: gelu by tanh, 0: exact.

  def embed(self, ids: Tensor, at: Tensor, w: List[Tensor]) -> Tensor:
    return torch.embedding(w[0], ids, -1, False, True) + torch.embedding(w[3], at)

  def angles(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    return tables

  def norm(self, x: Tensor, g: Tensor, b: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], g, b, eps)

  def conv1d(self, x: Tensor, w: List[Tensor], i: int, kernel: int) -> Tensor:
    if w[i].is_mkldnn:
      y = self.linear(x, w[i], w[i + 1], kernel)
    else:
      y = self.adapted(self.linear(x, w[i].t(), w[i + 1], kernel), x, w, i, kernel)
    return y

  def heads(self, x: Tensor, w: List[Tensor], l: int, r: List[Tensor], sizes: List[int], eps: float, kernel: int) -> List[Tensor]:
    o = 5 + 12 * l
    y = self.conv1d(self.input(self.norm(x, w[o], w[o + 1], eps), kernel), w, o + 2, kernel)
    return torch.unbind(y.view([x.size(0), 3, sizes[0], sizes[2]]), 1)

  def finish(self, x: Tensor, a: Tensor, w: List[Tensor], l: int, sizes: List[int], eps: float, kernel: int) -> Tensor:
    o = 5 + 12 * l
    y = x + self.conv1d(a, w, o + 4, kernel)
    h = self.conv1d(self.norm(y, w[o + 6], w[o + 7], eps), w, o + 8, kernel)
    if sizes[-1] == 1:
      h = torch.gelu(h, approximate="tanh")
    else:
      h = torch.gelu(h, approximate="none")
    return y + self.conv1d(h, w, o + 10, kernel)

  def last_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    return self.norm(x, w[1], w[4], eps)
