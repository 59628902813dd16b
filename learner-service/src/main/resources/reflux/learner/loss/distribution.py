# SPDX-License-Identifier: Apache-2.0
# [N, V] throughout; computed in the type of the logits, which is f32 or f64.
  def log_probs(self, logits: Tensor, temperature: float) -> Tensor:
    scaled = logits
    if temperature != 1.:
      scaled = logits / temperature
    return torch.log_softmax(scaled, -1)
  def weighted(self, probs: Tensor, values: Tensor) -> Tensor:
    # probs * values where nothing with probability 0 counts, whatever its value; what is no number stays none
    return (probs * values).masked_fill_(torch.eq(probs, 0), 0.)
  def mean(self, probs: Tensor, values: Tensor) -> Tensor:
    # [N]: the sum of weighted, which is looked for only where a sum is no number
    sum = torch.sum(probs * values, [1])
    if bool(torch.any(torch.isnan(sum))):
      sum = torch.sum(self.weighted(probs, values), [1])
    return sum
  def mixture(self, first: Tensor, second: Tensor, share: float) -> Tensor:
    # log of share * first + (1 - share) * second, from logs
    return torch.logaddexp(first + torch.log(share), second + torch.log1p(-share))
  def softmax_gradient(self, probs: Tensor, slopes: Tensor) -> Tensor:
    # from the slopes by the probabilities to the gradient for the logits
    return self.weighted(probs, slopes - torch.unsqueeze(self.mean(probs, slopes), 1))
  def skewed_gradient(self, student: Tensor, teacher: Tensor, mixture: Tensor, share: float) -> Tensor:
    # of -sum p ln M with M = share p + (1 - share) q: with s = p q / M it is (1 - share) (q sum s - s)
    joint = student + teacher
    nothing = torch.eq(joint, -float("inf"))
    part = torch.exp(torch.where(nothing, joint, joint - mixture))
    total = torch.sum(part, [1], True)
    return (torch.exp(student) * total - part) * (1. - share)
# The lowest id of the largest of each row, found block by block: torch.argmax alone takes four times as long as amax.
  def top(self, logits: Tensor) -> Tensor:
    blocks = logits.size(1) // 64
    if blocks < 64 or blocks * 64 < logits.size(1):
      return torch.argmax(logits, -1)
    cut = logits.view([logits.size(0), blocks, 64])
    block = torch.argmax(torch.amax(cut, [2]), -1)
    rows = torch.arange(logits.size(0), device=logits.device)
    return block * 64 + torch.argmax(torch.index_select(cut.view([-1, 64]), 0, rows * blocks + block), -1)
# Rows of about 2 MiB in f32, which the caches hold with what is made of them; on a GPU all rows.
  def block(self, logits: Tensor) -> int:
    rows = max(1, 524288 // logits.size(1))
    if logits.is_cuda:
      rows = max(1, logits.size(0))
    return rows
