# SPDX-License-Identifier: Apache-2.0
# What all families share. A family adds embed, angles, heads, finish and last_norm.
# B sequences, T tokens, D hidden, H query heads, K key-value heads (H = K * G), E head size, S cache positions, V vocabulary.
# w[0] embedding [V, D], w[1] final norm [D], w[2] LM head [V, D] (w[0] itself when tied), then what the family says, n in all.
# Behind these lie the adapters (Hu et al. 2021): of weight i A [r, in] and B [out, r] at w[n + 2 * i] and after it (empty: none);
# then their scale, the share of their inputs that is dropped (scalars) and the keys of the drops [B] (empty: nothing is dropped).
# w[-1] is the square root of the norms' epsilon.
# Of a frozen model on a CPU, matrices may lie in oneDNN's own layout (w[i].is_mkldnn), those that read the same input stacked to one.
# sizes = [H, K, E, layers, window, for each layer 1 if it attends to a window only, what the family says]; kernel 0 = torch's linear,
# 1 = oneDNN's (CPU only, no gradient, faster there), 2 = torch's on operands rounded to bf16 (mixed precision of training), 3 = the
# same on a CPU that multiplies no bf16: the rounded operands are multiplied in f32.

  def linear(self, x: Tensor, w: Tensor, b: Tensor, kernel: int) -> Tensor:
    bias = annotate(Optional[Tensor], None)
    if torch.numel(b) > 0:
      bias = b
    if kernel == 1 or w.is_mkldnn:
      y = ops.mkldnn._linear_pointwise(x, w, bias, "none", annotate(List[Optional[number]], []), None)
    elif kernel >= 2:
      y = self.rounded_linear(x, w, bias, kernel)
    else:
      y = torch.linear(x, w, bias)
    return y

# The linear map of matrix w[i] and bias w[b], and its adapter.
  def map(self, x: Tensor, w: List[Tensor], i: int, b: int, kernel: int) -> Tensor:
    return self.adapted(self.linear(x, w[i], w[b], kernel), x, w, i, kernel)

# Matrices of one input as one, in the layout that oneDNN reads fastest, whatever the number of its rows; and some of its rows again.
  def pack(self, parts: List[Tensor], transposed: bool) -> Tensor:
    w = parts[0]
    if len(parts) > 1:
      w = torch.cat(parts)
    if transposed:
      w = w.t().contiguous()
    return ops.mkldnn._reorder_linear_weight(w, 8)

  def unpack(self, packed: Tensor, first: int, rows: int, transposed: bool) -> Tensor:
    w = torch.to_dense(packed)
    if transposed:
      w = w.t()
    return w.narrow(0, first, rows).contiguous()

  def stack(self, parts: List[Tensor]) -> Tensor:
    return torch.cat(parts)

# y + scale * (x A^T) B^T.
  def adapted(self, y: Tensor, x: Tensor, w: List[Tensor], i: int, kernel: int) -> Tensor:
    n = len(w) // 3 - 1
    a = w[n + 2 * i]
    if torch.numel(a) > 0:
      none = torch.empty([0], dtype=x.dtype)
      z = self.linear(self.dropped(x, w, n, i), a, none, kernel)
      y = y + self.linear(z, w[n + 2 * i + 1], none, kernel) * w[3 * n]
    return y

# What is dropped is a function of the sequence's key, the matrix, the position and the feature, so that neither padding nor the
# split of a batch changes it, and a second pass drops the same. 24 bits of a 64-bit mix (after Steele, Lea and Flood 2014).
  def dropped(self, x: Tensor, w: List[Tensor], n: int, i: int) -> Tensor:
    keys = w[3 * n + 2]
    y = x
    if torch.numel(keys) > 0:
      counter = torch.arange(x.size(1) * x.size(2), device=x.device).view([1, x.size(1), x.size(2)])
      z = (counter + keys.view([-1, 1, 1]) + i * 1181783497276652981) * -7046029254386353131
      z = torch.bitwise_xor(z, torch.bitwise_right_shift(z, 30)) * -4658895280553007687
      z = torch.bitwise_xor(z, torch.bitwise_right_shift(z, 27)) * -7723592293110705685
      u = torch.bitwise_and(torch.bitwise_right_shift(z, 36), 16777215)
      p = w[3 * n + 1]
      y = x * ((u >= p * 16777216.).to(x.dtype) * (1. / (1. - p)))
    return y

# The result stays in bf16 until it meets the residual stream, which in training is f32.
  def rounded_linear(self, x: Tensor, w: Tensor, b: Optional[Tensor], kernel: int) -> Tensor:
    if kernel == 2:
      y = torch.linear(x.to(15), w.to(15), None)
    else:
      y = torch.linear(x.to(15).to(6), w.to(15).to(6), None).to(15)
    if b is not None:
      y = y + b.to(15)
    return y

# What several linear maps will read: rounded once.
  def input(self, x: Tensor, kernel: int) -> Tensor:
    y = x
    if kernel >= 2:
      y = x.to(15)
    return y

  def wide(self, dtype: int) -> int:
    wide = dtype
    if dtype == 15 or dtype == 5:
      wide = 6
    return wide

# x / sqrt(mean(x * x) + epsilon), at least in f32, from sqrt(epsilon): in few passes over x.
  def rms(self, x: Tensor, epsilon: Tensor) -> Tensor:
    f = x.to(self.wide(x.dtype))
    size = torch.linalg_vector_norm(f, 2, [-1], True) * (float(x.size(-1)) ** -0.5)
    return f / torch.hypot(size, epsilon)

# Both halves of each head turned; sin is negative in its first half.
  def turn(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    return torch.addcmul(x * cos, torch.roll(x, [x.size(-1) // 2], [-1]), sin)

# Tables of half a head for whole heads, at some positions.
  def turns(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    r = annotate(List[Tensor], [])
    for i in range(len(tables) // 2):
      cos = torch.index_select(tables[2 * i], 0, at).to(dtype)
      sin = torch.index_select(tables[2 * i + 1], 0, at).to(dtype)
      r += [torch.cat([cos, cos], -1), torch.cat([torch.neg(sin), sin], -1)]
    return r

# Scores [B, K, G * T, S] of queries that are grouped under their key-value head; mask is added, softmax at least in f32.
  def weigh(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    B = q.size(0)
    H = q.size(1)
    T = q.size(2)
    E = q.size(3)
    K = k.size(1)
    S = k.size(2)
    grouped = torch.reshape(q * (float(E) ** -0.5), [B, K, H // K * T, E])
    scores = torch.matmul(grouped, k.transpose(2, 3)).view([B, K, H // K, T, S])
    p = torch.softmax(scores + mask, -1, self.wide(scores.dtype)).to(v.dtype)
    return torch.matmul(p.view([B, K, H // K * T, S]), v).view([B, H, T, E])

# One token of one sequence over all keys: the query heads of a key-value head take the place of the tokens.
  def look(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    grouped = torch.reshape(q, [1, k.size(1), q.size(1) // k.size(1), q.size(3)])
    return torch.reshape(torch.scaled_dot_product_attention(grouped, k, v, None, 0., False), [1, 1, q.size(1) * q.size(3)])

# Causal attention over the T tokens themselves. torch's fused kernel is many times slower on a CPU while T is small.
  def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if torch.numel(mask) == 0:
      a = torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=None, enable_gqa=True)
    elif q.is_cuda or q.size(2) > 256:
      a = torch.scaled_dot_product_attention(q, k, v, mask.to(q.dtype), 0., False, scale=None, enable_gqa=True)
    else:
      a = self.weigh(q, k, v, mask)
    return a

# [T, T], at least f32: 0 where the key is not after the query and, if window > 0, less than that far before it, else as good as
# minus infinity. Empty: use the fused kernel.
  def causal(self, x: Tensor, T: int, window: int) -> Tensor:
    local = window > 0 and window < T
    if (x.is_cuda or T > 256) and not local:
      mask = torch.empty([0], dtype=x.dtype, device=x.device)
    else:
      out = torch.full([T, T], -1e+30, dtype=self.wide(x.dtype), device=x.device)
      mask = torch.triu(out, 1)
      if local:
        mask = mask + torch.tril(out, -window)
    return mask

# Of layers that attend to everything before, and of local ones.
  def masks(self, x: Tensor, T: int, sizes: List[int]) -> List[Tensor]:
    mask = self.causal(x, T, 0)
    local = mask
    if sizes[4] > 0:
      local = self.causal(x, T, sizes[4])
    return [mask, local]

  def join(self, a: Tensor) -> Tensor:
    return torch.reshape(a.transpose(1, 2), [a.size(0), a.size(2), a.size(1) * a.size(3)])

  def hidden(self, ids: Tensor, w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    T = ids.size(1)
    at = torch.arange(T, device=ids.device)
    x = self.embed(ids, at, w)
    r = self.angles(tables, at, x.dtype)
    masks = self.masks(x, T, sizes)
    for l in range(sizes[3]):
      h = self.heads(x, w, l, r, sizes, eps, kernel)
      x = self.finish(x, self.join(self.attend(h[0], h[1], h[2], masks[sizes[5 + l]])), w, l, sizes, eps, kernel)
    return self.last_norm(x, w, eps)

# What hidden does in one go, for passes that keep only what goes into each layer.
  def start(self, ids: Tensor, w: List[Tensor]) -> Tensor:
    return self.embed(ids, torch.arange(ids.size(1), device=ids.device), w)

  def layer(self, x: Tensor, l: int, w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    T = x.size(1)
    r = self.angles(tables, torch.arange(T, device=x.device), x.dtype)
    h = self.heads(x, w, l, r, sizes, eps, kernel)
    mask = self.causal(x, T, sizes[4] * sizes[5 + l])
    return self.finish(x, self.join(self.attend(h[0], h[1], h[2], mask)), w, l, sizes, eps, kernel)

  def rows(self, hidden: Tensor, at: Tensor) -> Tensor:
    return torch.index_select(torch.reshape(hidden, [-1, hidden.size(-1)]), 0, at)

  def logits(self, x: Tensor, head: Tensor, kernel: int) -> Tensor:
    y = self.linear(x, head, torch.empty([0], dtype=x.dtype), kernel)
    return y.to(self.wide(y.dtype))

# cache: for each layer keys and values [slots, K, S, E]. What padding writes lies after the row's own tokens and is overwritten
# by later steps before it can be attended to.
  def prefill(self, ids: Tensor, slots: Tensor, last: Tensor, cache: List[Tensor], w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    T = ids.size(1)
    at = torch.arange(T, device=ids.device)
    x = self.embed(ids, at, w)
    r = self.angles(tables, at, x.dtype)
    masks = self.masks(x, T, sizes)
    for l in range(sizes[3]):
      h = self.heads(x, w, l, r, sizes, eps, kernel)
      cache[2 * l].narrow(2, 0, T).index_copy_(0, slots, h[1])
      cache[2 * l + 1].narrow(2, 0, T).index_copy_(0, slots, h[2])
      x = self.finish(x, self.join(self.attend(h[0], h[1], h[2], masks[sizes[5 + l]])), w, l, sizes, eps, kernel)
    return self.logits(self.last_norm(self.rows(x, last), w, eps), w[2], kernel)

# The rows of a cache array that take part: a view when the slots are neighbours in order (first >= 0), else a gathered copy.
  def active(self, array: Tensor, slots: Tensor, first: int, span: int) -> Tensor:
    view = array.narrow(2, 0, span)
    if first >= 0:
      rows = view.narrow(0, first, slots.size(0))
    else:
      rows = torch.index_select(view, 0, slots)
    return rows

# One token for each row, each at its own position at[b]; positions beyond it are masked, span = 1 + the largest.
  def step(self, ids: Tensor, slots: Tensor, at: Tensor, first: int, span: int, cache: List[Tensor], w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    B = ids.size(0)
    x = self.embed(ids.view([B, 1]), at.view([B, 1]), w)
    r = [t.view([B, 1, 1, -1]) for t in self.angles(tables, at, x.dtype)]
    if B == 1:
      x = self.step_alone(x, r, first, span, cache, w, sizes, eps, kernel)
    else:
      x = self.step_together(x, r, slots, at, first, span, cache, w, sizes, eps, kernel)
    return self.logits(self.last_norm(x[:, 0], w, eps), w[2], kernel)

  def step_together(self, x: Tensor, r: List[Tensor], slots: Tensor, at: Tensor, first: int, span: int, cache: List[Tensor], w: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    B = x.size(0)
    keys_at = torch.arange(span, device=x.device)
    after = keys_at > at.view([B, 1])
    mask = (after.to(self.wide(x.dtype)) * -1e+30).view([B, 1, 1, 1, span])
    local = mask
    if sizes[4] > 0:
      far = keys_at <= at.view([B, 1]) - sizes[4]
      local = mask + (far.to(self.wide(x.dtype)) * -1e+30).view([B, 1, 1, 1, span])
    masks = [mask, local]
    put = annotate(List[Optional[Tensor]], [slots, None, at])
    for l in range(sizes[3]):
      h = self.heads(x, w, l, r, sizes, eps, kernel)
      ops.aten.index_put_(cache[2 * l], put, h[1][:, :, 0])
      ops.aten.index_put_(cache[2 * l + 1], put, h[2][:, :, 0])
      keys = self.active(cache[2 * l], slots, first, span)
      values = self.active(cache[2 * l + 1], slots, first, span)
      x = self.finish(x, self.join(self.weigh(h[0], keys, values, masks[sizes[5 + l]])), w, l, sizes, eps, kernel)
    return x

# The same for one row: nothing needs masking, and local layers read their window only.
  def step_alone(self, x: Tensor, r: List[Tensor], first: int, span: int, cache: List[Tensor], w: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    far = max(0, span - sizes[4])
    for l in range(sizes[3]):
      h = self.heads(x, w, l, r, sizes, eps, kernel)
      keys = cache[2 * l].narrow(0, first, 1)
      values = cache[2 * l + 1].narrow(0, first, 1)
      keys.narrow(2, span - 1, 1).copy_(h[1])
      values.narrow(2, span - 1, 1).copy_(h[2])
      begin = far * sizes[5 + l]
      a = self.look(h[0], keys.narrow(2, begin, span - begin), values.narrow(2, begin, span - begin))
      x = self.finish(x, a, w, l, sizes, eps, kernel)
    return x

# Rows of a stored tensor, converted on the way.
  def put_rows(self, target: Tensor, first: int, rows: Tensor) -> Tensor:
    return target.narrow(0, first, rows.size(0)).copy_(rows)

# The same with an adapter folded in, in the precision of a [r, in] and b [out, r]; transposed = 1: the matrix is [in, out].
  def merge_rows(self, target: Tensor, first: int, rows: Tensor, a: Tensor, b: Tensor, scale: float, transposed: int) -> Tensor:
    n = rows.size(0)
    if transposed == 1:
      change = torch.matmul(a.narrow(1, first, n).t(), b.t())
    else:
      change = torch.matmul(b.narrow(0, first, n), a)
    return target.narrow(0, first, n).copy_(rows.to(a.dtype) + change * scale)
