  # Chooses one token a row. N rows, V tokens of the vocabulary; logits may have more columns (padding), as if they had not.
  # rules_N5, f64: temperature (0 = greedy), top-k (0 = all), top-p (2 = all), a uniform number in [0, 1), the teacher's share.
  # teacher_MW: the teacher's logits of the M rows whose share is above 0, in order; none if there is no such row.
  # Returns [N, 3] f64: the id, its log-probability under the policy itself (temperature 1, nothing cut), and
  # that under the mixture with the teacher.
  # Of several likeliest tokens the greedy choice is the first. Logits that are no numbers give some id, and NaN.
  # A row's result depends on that row alone: which cuts run for its neighbours (max_k, nucleus) does not change it.
  def sample(self, logits_N: Tensor, teacher_MW: Optional[Tensor], rules_N5: Tensor, vocabulary: int, max_k: int, nucleus: bool) -> Tensor:
    policy_NV = torch.log_softmax(logits_N.narrow(1, 0, vocabulary), -1, 6)
    behaviour_NV = policy_NV
    if teacher_MW is not None:
      behaviour_NV = self.mixture(policy_NV, teacher_MW, rules_N5.select(1, 4))
    temperature_N1 = rules_N5.narrow(1, 0, 1)
    greedy_N1 = temperature_N1 <= 0
    most_N1, likeliest_N1 = torch.max(behaviour_NV, -1, True)
    divisor_N1 = torch.where(greedy_N1, torch.ones_like(temperature_N1), temperature_N1)
    scaled_NV = (behaviour_NV - most_N1) / divisor_N1.to(6)
    if max_k > 0:
      scaled_NV = self.keep_top_k(scaled_NV, rules_N5.narrow(1, 1, 1).to(4), max_k)
    if nucleus:
      scaled_NV = self.keep_top_p(scaled_NV, rules_N5.narrow(1, 2, 1))
    mass_NV = torch.cumsum(torch.exp(scaled_NV), -1, dtype=7)
    drawn_N1 = torch.searchsorted(mass_NV, rules_N5.narrow(1, 3, 1) * mass_NV.narrow(1, vocabulary - 1, 1), right=True)
    chosen_N1 = torch.clamp(torch.where(greedy_N1, likeliest_N1, drawn_N1), max=vocabulary - 1)
    log_probs_N2 = torch.cat([torch.gather(policy_NV, 1, chosen_N1), torch.gather(behaviour_NV, 1, chosen_N1)], 1)
    return torch.cat([chosen_N1.to(7), log_probs_N2.to(7)], 1)

  # ln((1 - a) q + a p) with the policy's q and the teacher's p where the share a is above 0; the other rows as they are.
  def mixture(self, policy_NV: Tensor, teacher_MW: Tensor, share_N: Tensor) -> Tensor:
    mixed_M = torch.nonzero(share_N > 0).squeeze(1)
    share_M1 = torch.index_select(share_N, 0, mixed_M).unsqueeze(1)
    teacher_MV = torch.log_softmax(teacher_MW.narrow(1, 0, policy_NV.size(1)), -1, 6) + torch.log(share_M1).to(6)
    student_MV = torch.index_select(policy_NV, 0, mixed_M) + torch.log1p(-share_M1).to(6)
    return torch.index_copy(policy_NV, 0, mixed_M, torch.logaddexp(student_MV, teacher_MV))

  # Keeps the k largest of each row, of equal ones those of lower id. Only the k-th value is asked of topk, because which of
  # several equal entries topk returns is not defined.
  def keep_top_k(self, scaled_NV: Tensor, k_N1: Tensor, max_k: int) -> Tensor:
    k = min(max_k, scaled_NV.size(1))
    largest_NK = torch.topk(scaled_NV, k)[0]
    least_N1 = torch.gather(largest_NK, 1, torch.clamp(k_N1 - 1, 0, k - 1))
    above_NV = scaled_NV > least_N1
    equal_NV = scaled_NV == least_N1
    room_N1 = k_N1 - torch.sum(above_NV, [-1], True)
    kept_NV = torch.logical_or(above_NV, torch.logical_and(equal_NV, torch.cumsum(equal_NV, -1) <= room_N1))
    return torch.where(torch.logical_or(kept_NV, k_N1 == 0), scaled_NV, torch.full_like(scaled_NV, float("-inf")))

  # Keeps the smallest set of likeliest tokens whose mass reaches p: every token before which the mass is still below p. Of most rows
  # that is few tokens, so the likeliest are asked for first, and only the rows that need more are sorted. p = 2: all of the row.
  def keep_top_p(self, scaled_NV: Tensor, p_N1: Tensor) -> Tensor:
    wanted_N1 = torch.sum(torch.exp(scaled_NV), [-1], True, dtype=7) * p_N1
    some = min(256, scaled_NV.size(1))
    k_N1 = self.reaching(torch.topk(scaled_NV, some)[0], wanted_N1)
    wide_M = torch.nonzero(torch.logical_and(k_N1 == some, p_N1 <= 1).squeeze(1)).squeeze(1)
    if wide_M.size(0) > 0:
      sorted_MV = torch.sort(torch.index_select(scaled_NV, 0, wide_M), -1, True)[0]
      k_N1 = torch.index_copy(k_N1, 0, wide_M, self.reaching(sorted_MV, torch.index_select(wanted_N1, 0, wide_M)))
    k_N1 = torch.where(p_N1 > 1, torch.zeros_like(k_N1), k_N1)
    return self.keep_top_k(scaled_NV, k_N1, max(1, int(torch.amax(k_N1))))

  # How many of the likeliest, in descending order, have less than the wanted mass before them.
  def reaching(self, largest_NK: Tensor, wanted_N1: Tensor) -> Tensor:
    weight_NK = torch.exp(largest_NK).to(7)
    return torch.sum((torch.cumsum(weight_NK, -1) - weight_NK) < wanted_N1, [-1], True)
