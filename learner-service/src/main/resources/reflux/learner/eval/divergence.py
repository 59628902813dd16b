  # log of the probability that falls on the given ids, at least -16 as in a step's diagnostics: an empty rest costs a finite amount
  def rest(self, log_p: Tensor, ids: Tensor) -> Tensor:
    if ids.size(0) == 0:
      return torch.full([log_p.size(0)], -16.0, dtype=6, device=log_p.device)
    return torch.clamp(torch.logsumexp(torch.index_select(log_p, 1, ids), [1]), -16.0, 0.0)

  # KL(p || q) and KL(q || p) of each row of teacher logits p [N, Vt] and student logits q [N, Vs] over the tokens that both know,
  # t_ids[m] being the same bytes as s_ids[m], and one more outcome for everything else: [2, N], in f64.
  # Columns from t_size and s_size on are padding and count for nothing.
  def divergences(self, teacher: Tensor, t_size: int, student: Tensor, s_size: int, t_ids: Tensor, s_ids: Tensor, t_rest: Tensor, s_rest: Tensor) -> Tensor:
    log_p = torch.log_softmax(torch.narrow(teacher, 1, 0, t_size), -1, 6)
    log_q = torch.log_softmax(torch.narrow(student, 1, 0, s_size), -1, 6)
    p = torch.cat([torch.index_select(log_p, 1, t_ids), self.rest(log_p, t_rest).unsqueeze(1)], 1)
    q = torch.cat([torch.index_select(log_q, 1, s_ids), self.rest(log_q, s_rest).unsqueeze(1)], 1)
    forward = torch.sum(torch.exp(p) * (p - q), [1], False, dtype=7)
    reverse = torch.sum(torch.exp(q) * (q - p), [1], False, dtype=7)
    return torch.stack([forward, reverse])

  # -log q of ids [N] under logits [N, V]: [N], in f64.
  def surprise(self, student: Tensor, ids: Tensor) -> Tensor:
    log_q = torch.log_softmax(student, -1, 6)
    return torch.neg(torch.gather(log_q, 1, ids.unsqueeze(1)).squeeze(1)).to(7)
