# SPDX-License-Identifier: Apache-2.0
# [N, V] throughout; computed in the type of the logits, which is f32 or f64.
  def log_probs(self, logits: Tensor, temperature: float) -> Tensor:
    return torch.log_softmax(logits / temperature, -1)
  def weighted(self, probs: Tensor, values: Tensor) -> Tensor:
    # probs * values where nothing with probability 0 counts, whatever its value
    return torch.where(torch.gt(probs, 0), probs * values, torch.zeros_like(probs))
