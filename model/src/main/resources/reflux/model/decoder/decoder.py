# SPDX-License-Identifier: Apache-2.0
# What all families share. A family adds embed, angles, heads, finish and last_norm.
# B sequences, T tokens, D hidden, H query heads, K key-value heads (H = K * G), E head size, S cache positions, V vocabulary.
# Between attentions the N = B * T tokens are rows, [N, ...]: those of a sequence follow one another, and at [N] are their positions.
# w[0] embedding [V, D], w[1] final norm [D], w[2] LM head [V, D] (w[0] itself when tied), then what the family says, n in all.
# Behind these lie the adapters (Hu et al. 2021): of weight i A [r, in] and B [out, r] at w[n + 2 * i] and after it (empty: none);
# then their scale, the share of their inputs that is dropped (scalars) and the keys of the drops [B] (empty: nothing is dropped).
# The last three are scalars for norms: w[-3] = sqrt(epsilon * D), w[-2] = sqrt(epsilon * E), w[-1] = 0.
# Of a frozen model on a CPU, matrices may lie in oneDNN's own layout (w[i].is_mkldnn), those that read the same input stacked to one.
# sizes = [H, K, E, layers, window, for each layer 1 if it attends to a window only, what the family says]; kernel 0 = torch's linear,
# 1 = oneDNN's (CPU only, no gradient, faster there), 2 = torch's on operands rounded to bf16 (mixed precision of training), 3 = the
# same on a CPU that multiplies no bf16: the rounded operands are multiplied in f32.
# One token's step is some thousand small operations, whose dispatch takes as long as its linear maps: here an operation counts.

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

# The linear map of matrix w[i] and bias w[b], and its adapter, which no packed matrix has.
  def map(self, x: Tensor, w: List[Tensor], i: int, b: int, kernel: int) -> Tensor:
    y = self.linear(x, w[i], w[b], kernel)
    if not w[i].is_mkldnn:
      y = self.adapted(y, x, w, i, kernel)
    return y

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
    n = len(w) // 3 - 2
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
      counter = torch.arange(torch.numel(x) // keys.size(0), device=x.device)
      z = (counter + keys.view([-1, 1]) + i * 1181783497276652981) * -7046029254386353131
      z = torch.bitwise_xor(z, torch.bitwise_right_shift(z, 30)) * -4658895280553007687
      z = torch.bitwise_xor(z, torch.bitwise_right_shift(z, 27)) * -7723592293110705685
      u = torch.bitwise_and(torch.bitwise_right_shift(z, 36), 16777215).view(x.size())
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

# x / sqrt(mean(x * x) + epsilon) = sqrt(n) * x / hypot(|x|, root) over the last axis of size n, in the type of
# root = sqrt(epsilon * n), which is at least f32.
  def rms(self, x: Tensor, root: Tensor, zero: Tensor) -> Tensor:
    f = x.to(root.dtype)
    size = torch.hypot(torch.linalg_vector_norm(f, 2, [-1], True), root)
    return torch.addcdiv(zero, f, size, value=float(x.size(-1)) ** 0.5)

# Both halves of each head turned; sin is negative in its first half.
  def turn(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    return torch.addcmul(x * cos, torch.roll(x, [x.size(-1) // 2], [-1]), sin)

# Tables of half a head for whole heads, at some positions: [N, 1, E].
  def turns(self, tables: List[Tensor], at: Tensor, dtype: int) -> List[Tensor]:
    r = annotate(List[Tensor], [])
    for i in range(len(tables) // 2):
      cos = torch.index_select(tables[2 * i], 0, at).to(dtype).unsqueeze(1)
      sin = torch.index_select(tables[2 * i + 1], 0, at).to(dtype).unsqueeze(1)
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

# One token q [1, H, E] of one sequence over all its keys [K, 1, S, E]: key-value heads take the place of the sequences, their query
# heads that of the tokens.
  def look(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    grouped = torch.reshape(q, [k.size(0), 1, q.size(1) // k.size(0), q.size(2)])
    return torch.reshape(torch.scaled_dot_product_attention(grouped, k, v, None, 0., False), [1, -1])

# One token q [B, H, E] of each sequence over its keys [B, K, S, E]; mask [B * K, 1, S] is added to the scores.
  def look_together(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    n = mask.size(0)
    E = q.size(2)
    grouped = torch.reshape(q, [n, -1, E])
    scores = torch.baddbmm(mask, grouped, k.view([n, -1, E]).transpose(1, 2), beta=1., alpha=float(E) ** -0.5)
    p = torch.softmax(scores, -1, self.wide(scores.dtype)).to(v.dtype)
    return torch.bmm(p, v.view([n, -1, E])).view([q.size(0), -1])

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

# [N, n, E] to [B, n, T, E], and attention's result back to [N, H * E].
  def spread(self, x: Tensor, B: int) -> Tensor:
    return x.view([B, -1, x.size(1), x.size(2)]).transpose(1, 2)

  def join(self, a: Tensor) -> Tensor:
    return torch.reshape(a.transpose(1, 2), [a.size(0) * a.size(2), -1])

# Positions [N] of B sequences of T tokens.
  def places(self, like: Tensor, B: int, T: int) -> Tensor:
    return torch.arange(T, device=like.device).repeat([B])

# [B, T, D] after the final norm.
  def hidden(self, ids: Tensor, w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    B = ids.size(0)
    T = ids.size(1)
    at = self.places(ids, B, T)
    x = self.embed(ids.view([-1]), at, w)
    r = self.angles(tables, at, x.dtype)
    masks = self.masks(x, T, sizes)
    for l in range(sizes[3]):
      h = [self.spread(t, B) for t in self.heads(x, w, l, r, sizes, eps, kernel)]
      x = self.finish(x, self.join(self.attend(h[0], h[1], h[2], masks[sizes[5 + l]])), w, l, sizes, eps, kernel)
    return self.last_norm(x, w, eps).view([B, T, -1])

# What hidden does in one go, for passes that keep only what goes into each layer, [B, T, D].
  def start(self, ids: Tensor, w: List[Tensor]) -> Tensor:
    at = self.places(ids, ids.size(0), ids.size(1))
    return self.embed(ids.view([-1]), at, w).view([ids.size(0), ids.size(1), -1])

  def layer(self, x: Tensor, l: int, w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    B = x.size(0)
    T = x.size(1)
    rows = x.view([B * T, -1])
    r = self.angles(tables, self.places(x, B, T), x.dtype)
    h = [self.spread(t, B) for t in self.heads(rows, w, l, r, sizes, eps, kernel)]
    mask = self.causal(x, T, sizes[4] * sizes[5 + l])
    return self.finish(rows, self.join(self.attend(h[0], h[1], h[2], mask)), w, l, sizes, eps, kernel).view([B, T, -1])

  def rows(self, hidden: Tensor, at: Tensor) -> Tensor:
    return torch.index_select(torch.reshape(hidden, [-1, hidden.size(-1)]), 0, at)

  def logits(self, x: Tensor, head: Tensor, kernel: int) -> Tensor:
    y = self.linear(x, head, torch.empty([0], dtype=x.dtype), kernel)
    return y.to(self.wide(y.dtype))

# cache [2 * layers, slots, K, S, E]: of layer l keys at 2 * l and values after them. What padding writes lies after the row's own tokens
# and is overwritten by later steps before it can be attended to.
  def prefill(self, ids: Tensor, slots: Tensor, last: Tensor, cache: Tensor, w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    B = ids.size(0)
    T = ids.size(1)
    at = self.places(ids, B, T)
    x = self.embed(ids.view([-1]), at, w)
    r = self.angles(tables, at, x.dtype)
    masks = self.masks(x, T, sizes)
    room = torch.unbind(cache.narrow(3, 0, T))
    for l in range(sizes[3]):
      h = [self.spread(t, B) for t in self.heads(x, w, l, r, sizes, eps, kernel)]
      room[2 * l].index_copy_(0, slots, h[1])
      room[2 * l + 1].index_copy_(0, slots, h[2])
      x = self.finish(x, self.join(self.attend(h[0], h[1], h[2], masks[sizes[5 + l]])), w, l, sizes, eps, kernel)
    return self.logits(self.last_norm(self.rows(x, last), w, eps), w[2], kernel)

# One token for each row, each at its own position at[b]; positions beyond it are masked, span = 1 + the largest. first >= 0: the slots
# are neighbours in order from there on.
  def step(self, ids: Tensor, slots: Tensor, at: Tensor, first: int, span: int, cache: Tensor, w: List[Tensor], tables: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    x = self.embed(ids, at, w)
    r = self.angles(tables, at, x.dtype)
    if ids.size(0) == 1:
      x = self.step_alone(x, r, first, span, cache, w, sizes, eps, kernel)
    else:
      x = self.step_together(x, r, slots, at, first, span, cache, w, sizes, eps, kernel)
    return self.logits(self.last_norm(x, w, eps), w[2], kernel)

  def step_together(self, x: Tensor, r: List[Tensor], slots: Tensor, at: Tensor, first: int, span: int, cache: Tensor, w: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    B = x.size(0)
    keys_at = torch.arange(span, device=x.device)
    hidden = keys_at > at.view([B, 1])
    masks = [self.step_mask(hidden, sizes[1], x)]
    if sizes[4] > 0:
      masks += [self.step_mask(torch.logical_or(hidden, keys_at <= at.view([B, 1]) - sizes[4]), sizes[1], x)]
    put = annotate(List[Optional[Tensor]], [slots, None, at])
    room = torch.unbind(cache)
    held = cache.narrow(3, 0, span)
    if first >= 0:
      held = held.narrow(1, first, B)
    seen = torch.unbind(held)
    for l in range(sizes[3]):
      h = self.heads(x, w, l, r, sizes, eps, kernel)
      ops.aten.index_put_(room[2 * l], put, h[1])
      ops.aten.index_put_(room[2 * l + 1], put, h[2])
      keys = seen[2 * l]
      values = seen[2 * l + 1]
      if first < 0:
        keys = torch.index_select(keys, 0, slots)
        values = torch.index_select(values, 0, slots)
      x = self.finish(x, self.look_together(h[0], keys, values, masks[sizes[5 + l]]), w, l, sizes, eps, kernel)
    return x

# [B * K, 1, S] from what is hidden from each sequence, [B, S].
  def step_mask(self, hidden: Tensor, K: int, x: Tensor) -> Tensor:
    mask = (hidden.to(self.wide(x.dtype)) * -1e+30).to(x.dtype)
    return torch.repeat_interleave(mask, K, 0).unsqueeze(1)

# The same for one row: nothing needs masking, and local layers read their window only.
  def step_alone(self, x: Tensor, r: List[Tensor], first: int, span: int, cache: Tensor, w: List[Tensor], sizes: List[int], eps: float, kernel: int) -> Tensor:
    slot = cache.narrow(1, first, 1)
    room = torch.unbind(slot.select(3, span - 1))
    seen = torch.unbind(slot.narrow(3, 0, span).transpose(1, 2))
    far = max(0, span - sizes[4])
    for l in range(sizes[3]):
      h = self.heads(x, w, l, r, sizes, eps, kernel)
      room[2 * l].copy_(h[1])
      room[2 * l + 1].copy_(h[2])
      keys = seen[2 * l]
      values = seen[2 * l + 1]
      begin = far * sizes[5 + l]
      if begin > 0:
        keys = keys.narrow(2, begin, span - begin)
        values = values.narrow(2, begin, span - begin)
      x = self.finish(x, self.look(h[0], keys, values), w, l, sizes, eps, kernel)
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
