# SPDX-License-Identifier: Apache-2.0
# Logits [n, V] and [n, W] of one block. The cost of the plan, in f64, and weight times its gradient for the student's logits.
  def transport(self, student: Tensor, teacher: Tensor, temperature: float, epsilon: float, iterations: int, weight: float) -> Tuple[Tensor, Tensor]:
    width = min(student.size(1), teacher.size(1))
    q = torch.exp(self.log_probs(torch.narrow(student, 1, 0, width), temperature))
    p = torch.exp(self.log_probs(torch.narrow(teacher, 1, 0, width), temperature))
    cost = torch.cdist(q, p, 1.)
    steps = self.scalings(cost / -epsilon, iterations)
    plan = torch.exp(steps[len(steps) - 1])
    # back: subtracting a log-sum-exp leaves of slopes what exceeds their sum times the scaled plan
    slopes = plan * cost
    step = len(steps) - 1
    while step >= 0:
      slopes = slopes - torch.exp(steps[step]) * torch.sum(slopes, [1 - step % 2], True)
      step = step - 1
    gradient = self.softmax_gradient(q, self.distance_slopes(q, p, plan - slopes / epsilon)) * (weight / temperature)
    return (torch.sum((plan * cost).to(7)), torch.constant_pad_nd(gradient, [0, student.size(1) - width], 0.))
# Logs of the plan after each scaling of its rows (even) and of its columns (odd).
  def scalings(self, start: Tensor, iterations: int) -> List[Tensor]:
    steps = annotate(List[Tensor], [])
    log = start
    done = 0
    while done < iterations:
      log = log - torch.logsumexp(log, [1], True)
      steps.append(log)
      log = log - torch.logsumexp(log, [0], True)
      steps.append(log)
      done = done + 1
    return steps
# [n, V]: of sum_ij c_ij sum_v |q_iv - p_jv| by q.
  def distance_slopes(self, q: Tensor, p: Tensor, byCost: Tensor) -> Tensor:
    slopes = torch.zeros_like(q)
    row = 0
    while row < p.size(0):
      slopes = slopes + torch.sign(q - torch.narrow(p, 0, row, 1)) * torch.narrow(byCost, 1, row, 1)
      row = row + 1
    return slopes
