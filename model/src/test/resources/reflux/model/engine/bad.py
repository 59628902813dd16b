# first line

  def bad(self, x: Tensor) -> Tensor:
    y = x
    return torch.no_such_thing(y)
