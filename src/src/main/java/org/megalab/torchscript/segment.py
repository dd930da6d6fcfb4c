# What segments of a gradient's way ask of their arrays.


def different(first: Tensor, second: Tensor) -> Tensor:
    # how many values; those that are no numbers do not count
    return torch.sum(torch.logical_and(first != second, first == first))


def requires_gradient(x: Tensor) -> Tensor:
    return torch.full([], 1 if x.requires_grad else 0, dtype=torch.int64)


def backward(arrays: List[Tensor], gradients: List[Tensor]) -> Tensor:
    # adds the gradients of what the arrays were computed from, given their own; all at once, for they may share a graph.
    # Returns how many need any
    some = annotate(List[Tensor], [])
    theirs = annotate(List[Optional[Tensor]], [])
    for i in range(len(arrays)):
        if arrays[i].requires_grad:
            some.append(arrays[i])
            theirs.append(gradients[i])
    if len(some) > 0:
        torch.backward(some, theirs)
    return torch.full([], len(some), dtype=torch.int64)
