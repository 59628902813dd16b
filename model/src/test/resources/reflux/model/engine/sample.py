# A comment, and an empty line.

  def arguments(self, x: Tensor, xs: List[Tensor], i: int, r: float, b: bool, s: str, n: List[int], none: Optional[Tensor]) -> Tensor:
    y = x + xs[0] + i + r
    if b and s == "yes" and none is None:
      y = y.view(n)
    return y

  def pair(self, x: Tensor) -> Tuple[Tensor, Tensor]:
    return (x + 1, x * 2)

  def listed(self, x: Tensor) -> List[Tensor]:
    return [x, x, x.t()]

  def square(self, x: Tensor) -> Tensor:
    return torch.sum(x * x)

  def fails(self, x: Tensor) -> Tensor:
    y = x + 1
    return torch.matmul(y, y)
