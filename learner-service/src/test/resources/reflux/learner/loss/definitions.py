# SPDX-License-Identifier: Apache-2.0
# Each divergence as it is defined, from probabilities [N, V] of finite logits; values [N], for autograd.
  def defined(self, name: str, student: Tensor, teacher: Tensor, temperature: float, parameter: float) -> Tensor:
    p = torch.softmax(teacher / temperature, -1)
    q = torch.softmax(student / temperature, -1)
    pInM = parameter * p + (1. - parameter) * q
    qInM = parameter * q + (1. - parameter) * p
    value = torch.sum(p * (torch.log(p) - torch.log(q)), [1])
    reverse = torch.sum(q * (torch.log(q) - torch.log(p)), [1])
    if name == "ReverseKl":
      value = reverse
    elif name == "SymmetricKl":
      value = (value + reverse) / 2
    elif name == "GeneralisedJsd":
      value = parameter * torch.sum(p * torch.log(p / pInM), [1]) + (1. - parameter) * torch.sum(q * torch.log(q / pInM), [1])
    elif name == "SkewedForwardKl":
      value = torch.sum(p * torch.log(p / pInM), [1])
    elif name == "SkewedReverseKl":
      value = torch.sum(q * torch.log(q / qInM), [1])
    elif name == "AdaptiveKl":
      share = self.head_share(p, torch.detach(q), parameter)
      value = share * value + (1. - share) * reverse
    elif name == "TotalVariation":
      value = torch.sum(torch.abs(p - q), [1]) / 2
    elif name == "SoftCrossEntropy":
      value = torch.neg(torch.sum(p * torch.log(q), [1]))
    elif name == "SkewedCrossEntropy":
      value = torch.neg(torch.sum(p * torch.log(pInM), [1]))
    elif name == "DistillmSymmetric":
      value = parameter * reverse - (1. - parameter) * torch.sum(p * torch.log(q), [1])
    elif name == "Top1CrossEntropy":
      most = torch.amax(p, [1], True)
      value = torch.neg(torch.sum(torch.where(torch.eq(p, most), p * torch.log(q), torch.zeros_like(p)), [1]))
    elif name != "ForwardKl":
      value = value * float("nan")
    return value
# For each entry the mass of all entries before it in ascending order and its own, by comparing all with all: [N, V, V].
  def head_share(self, p: Tensor, q: Tensor, alpha: float) -> Tensor:
    below = torch.le(torch.unsqueeze(p, 1), torch.unsqueeze(p, 2))
    mass = torch.sum(torch.where(below, torch.unsqueeze(p, 1), torch.zeros_like(torch.unsqueeze(p, 1))), [2])
    gap = torch.abs(p - q)
    head = torch.sum(torch.where(torch.gt(mass, alpha), gap, torch.zeros_like(gap)), [1])
    return head / torch.sum(gap, [1])
