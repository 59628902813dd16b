# SPDX-License-Identifier: Apache-2.0
# What the machine allows. Nothing here is part of a model.
# Reads all of x once.
  def read(self, x: Tensor) -> Tensor:
    return torch.sum(x)
  def greedy(self, logits: Tensor) -> Tensor:
    return torch.argmax(logits, -1)
