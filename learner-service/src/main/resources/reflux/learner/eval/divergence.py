  # log of the probability that falls on the given ids; empty ids give log 0, floored
  def rest(self, log_p: Tensor, ids: Tensor) -> Tensor:
    if ids.size(0) == 0:
      return torch.full([log_p.size(0)], -30.0, dtype=6, device=log_p.device)
    return torch.clamp(torch.logsumexp(torch.index_select(log_p, 1, ids), [1]), -30.0, 0.0)

  # Summed forward KL(p || q) of teacher logits [N, Vt] and student logits [N, Vs] over the tokens that both know,
  # t_ids[m] being the same bytes as s_ids[m], and one more outcome for everything else.
  def forward_kl(self, teacher: Tensor, student: Tensor, t_ids: Tensor, s_ids: Tensor, t_rest: Tensor, s_rest: Tensor) -> Tensor:
    log_p = torch.log_softmax(teacher, -1, 6)
    log_q = torch.log_softmax(student, -1, 6)
    p = torch.index_select(log_p, 1, t_ids)
    q = torch.index_select(log_q, 1, s_ids)
    p_rest = self.rest(log_p, t_rest)
    q_rest = self.rest(log_q, s_rest)
    shared = torch.sum(torch.exp(p) * (p - q), dtype=7)
    return shared + torch.sum(torch.exp(p_rest) * (p_rest - q_rest), dtype=7)
