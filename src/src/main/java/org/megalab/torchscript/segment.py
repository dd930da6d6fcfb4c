# What the recomputation of segments asks of its arrays.


def different(first: Tensor, second: Tensor) -> Tensor:
    # how many values; those that are no numbers do not count
    return torch.sum(torch.logical_and(first != second, first == first))


def requires_gradient(x: Tensor) -> Tensor:
    return torch.full([], 1 if x.requires_grad else 0, dtype=torch.int64)
