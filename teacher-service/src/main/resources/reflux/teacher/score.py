# SPDX-License-Identifier: Apache-2.0
# What a score is made of. Element types by torch's numbers: 0 u8, 3 i32.
# N rows, D hidden size, V rows of the LM head, k of the likeliest tokens.
# Rows from start on; shares memory with x.
  def part(self, x: Tensor, start: int, count: int) -> Tensor:
    return x.narrow(0, start, count)
# Elements of the whole array, row-major, from start on; shares memory with x where that is contiguous.
  def elements(self, x: Tensor, start: int, count: int) -> Tensor:
    return x.detach().flatten().narrow(0, start, count)
# [N] 1 where a row is finite in all places, else 0.
  def finite(self, x_ND: Tensor) -> Tensor:
    return torch.isfinite(x_ND).all(1).to(0)
# Columns from vocabulary on are padding, as if they were not there.
# [N] natural log-probability of one token a row.
  def sampled(self, padded_NV: Tensor, ids_N: Tensor, vocabulary: int) -> Tensor:
    logits_NV = padded_NV.narrow(1, 0, vocabulary)
    return logits_NV.gather(1, ids_N.unsqueeze(1)).squeeze(1) - torch.logsumexp(logits_NV, 1)
# ids [N, k] i32, log-probabilities [N, k], log of the mass of all others [N]: -inf where k is the vocabulary.
  def top_k(self, padded_NV: Tensor, vocabulary: int, k: int) -> Tuple[Tensor, Tensor, Tensor]:
    logits_NV = padded_NV.narrow(1, 0, vocabulary)
    log_mass_N1 = torch.logsumexp(logits_NV, 1, keepdim=True)
    top_Nk, ids_Nk = torch.topk(logits_NV, k, 1)
    rest_NV = logits_NV.scatter(1, ids_Nk, -float("inf"))
    tail_N = torch.logsumexp(rest_NV, 1) - log_mass_N1.squeeze(1)
    return ids_Nk.to(3), top_Nk - log_mass_N1, tail_N
