# SPDX-License-Identifier: Apache-2.0
# Logits [C, V] and [C, W], lengths [C, 1] in f64; variant 0 dpkd, 1 ipo, 2 dpop, 3 simpo.
# Values [C], and weight times their gradient for the student's logits [C, V].
  def preference(self, student: Tensor, teacher: Tensor, lengths: Tensor, beta: float, variant: int, weight: float) -> Tuple[Tensor, Tensor]:
    width = min(student.size(1), teacher.size(1))
    logQ = torch.log_softmax(torch.narrow(student, 1, 0, width), -1)
    logP = torch.log_softmax(torch.narrow(teacher, 1, 0, width), -1)
    chosen = torch.argmax(logP, 1, True)
    rejected = torch.argmax(logQ, 1, True)
    own = torch.gather(logQ, 1, chosen)
    ratio = own - torch.gather(logQ, 1, rejected)
    scale = torch.ones_like(own)
    if variant == 3:
      scale = torch.type_as(lengths, own)
    else:
      ratio = ratio - torch.gather(logP, 1, chosen) + torch.gather(logP, 1, rejected)
    margin = ratio / scale
    if variant == 1:
      distance = margin - 0.5 / beta
      value = distance * distance
      slope = distance * 2.
    else:
      value = torch.neg(torch.log_sigmoid(margin * beta))
      slope = torch.neg(torch.sigmoid(margin * -beta)) * beta
    slope = slope / scale
    gradient = torch.scatter_add(torch.zeros_like(logQ), 1, chosen, slope)
    gradient = torch.scatter_add(gradient, 1, rejected, torch.neg(slope))
    if variant == 2:
      shortfall = torch.gather(logP, 1, chosen) - own
      value = value + torch.clamp(shortfall, 0., None) * 50.
      pull = torch.gt(shortfall, 0.) * 50.
      pull = torch.type_as(pull, own)
      gradient = torch.scatter_add(gradient + torch.exp(logQ) * pull, 1, chosen, torch.neg(pull))
    return (torch.squeeze(value, 1), torch.constant_pad_nd(gradient * weight, [0, student.size(1) - width], 0.))
