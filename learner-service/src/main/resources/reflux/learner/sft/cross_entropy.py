  # Token cross-entropy through the LM head in chunks: the logits of the whole batch never exist.
  # rows [N, D] hidden states, head [V, D], labels [N]. Returns the summed loss (f64, in nats) and
  # scale * d(sum)/d(rows) [N, D]; scale * d(sum)/d(head) is added to head_grad if it is given.
  def cross_entropy(self, rows: Tensor, head: Tensor, labels: Tensor, scale: float, chunk: int, head_grad: Optional[Tensor]) -> Tuple[Tensor, Tensor]:
    n = rows.size(0)
    total = torch.zeros([1], dtype=7, device=rows.device)
    d_rows = torch.empty_like(rows)
    start = 0
    while start < n:
      size = min(chunk, n - start)
      x = rows.narrow(0, start, size)
      y = labels.narrow(0, start, size).unsqueeze(1)
      z = torch.linear(x, head, None)
      log_q = torch.log_softmax(z, -1, None)
      picked = torch.gather(log_q, 1, y)
      total.sub_(torch.sum(picked, dtype=7))
      # d nll / d z = softmax(z) - onehot(y)
      dz = torch.exp(log_q)
      ones = torch.neg(torch.ones_like(picked))
      dz.scatter_add_(1, y, ones)
      dz.mul_(scale)
      torch.matmul(dz, head, out=d_rows.narrow(0, start, size))
      if head_grad is not None:
        head_grad.addmm_(torch.t(dz), x)
      start = start + size
    return (total, d_rows)

  # The loss alone.
  def cross_entropy_sum(self, rows: Tensor, head: Tensor, labels: Tensor, chunk: int) -> Tensor:
    n = rows.size(0)
    total = torch.zeros([1], dtype=7, device=rows.device)
    start = 0
    while start < n:
      size = min(chunk, n - start)
      z = torch.linear(rows.narrow(0, start, size), head, None)
      log_q = torch.log_softmax(z, -1, None)
      total.sub_(torch.sum(torch.gather(log_q, 1, labels.narrow(0, start, size).unsqueeze(1)), dtype=7))
      start = start + size
    return total
