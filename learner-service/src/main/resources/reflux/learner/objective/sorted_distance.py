# SPDX-License-Identifier: Apache-2.0
# C rows, V and W tokens of the student and the teacher; the smaller vocabulary is filled up with zeros.
# sum_k |q_(k) - p_(k)| of the entries in descending order: values [C] and their slopes for q [C, V].
  def sorted_distance(self, q: Tensor, p: Tensor) -> Tuple[Tensor, Tensor]:
    width = max(q.size(1), p.size(1))
    sortedQ, order = torch.sort(q, -1, True)
    sortedP = torch.sort(p, -1, True)[0]
    filledQ = torch.constant_pad_nd(sortedQ, [0, width - q.size(1)])
    difference = filledQ - torch.constant_pad_nd(sortedP, [0, width - p.size(1)])
    signs = torch.narrow(torch.sign(difference), 1, 0, q.size(1))
    return (torch.sum(torch.abs(difference), [1]), torch.scatter(torch.zeros_like(q), 1, order, signs))
# Of logits: the sum in f64, and weight times its gradient for the student's logits [C, V].
  def uld(self, student: Tensor, teacher: Tensor, weight: float) -> Tuple[Tensor, Tensor]:
    q = torch.softmax(student, -1)
    values, slopes = self.sorted_distance(q, torch.softmax(teacher, -1))
    gradient = q * (slopes - torch.sum(q * slopes, [1], True))
    return (torch.sum(values.to(7)), gradient * weight)
